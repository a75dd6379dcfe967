// Whose JWTs count, and what they say about a client. The settings are a part of the table (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Which JWTs are accepted.</summary>
internal sealed record JwtSettings
{
    public static readonly Setting IssuerSetting = new(
        "JwtIssuer",
        "--jwt-issuer",
        "URL",
        "Accept the JWTs of this issuer (their 'iss'), as in https://login.example.com. [none]"
    );

    public static readonly Setting AudienceSetting = new(
        "JwtAudience",
        "--jwt-audience",
        "NAME",
        "For whom a JWT must have been made (its 'aud'); repeat for several. [needed with --jwt-issuer]",
        Repeats: true
    );

    public static readonly Setting KeysSetting = new(
        "JwtKeys",
        "--jwt-keys",
        "FILE",
        "The issuer's public keys, a JSON Web Key Set. [asked for at the issuer, by OpenID Connect discovery]"
    );

    public static readonly Setting NameSetting = new(
        "JwtName",
        "--jwt-name",
        "CLAIM",
        "The claim with the client's name. [sub]"
    );

    public static readonly Setting GroupsSetting = new(
        "JwtGroups",
        "--jwt-groups",
        "CLAIM",
        "The claim with the client's groups. [groups]"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        IssuerSetting,
        AudienceSetting,
        KeysSetting,
        NameSetting,
        GroupsSetting,
    ];

    /// <summary>Who must have made a JWT.</summary>
    public required string Issuer { get; init; }

    /// <summary>For one of whom it must have been made.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>The file of the issuer's keys; null to ask the issuer.</summary>
    public string? KeysFile { get; init; }

    /// <summary>The claim with the client's name.</summary>
    public string NameClaim { get; init; } = "sub";

    /// <summary>The claim with its groups.</summary>
    public string GroupsClaim { get; init; } = "groups";
}
