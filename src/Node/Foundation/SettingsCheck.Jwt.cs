// The settings of JWTs: which of them belong together.
namespace RaftLocks.Node.Foundation;

internal sealed partial class SettingsCheck
{
    private JwtSettings? Jwt()
    {
        var issuer = Text(JwtSettings.IssuerSetting);
        var keys = FilePath(JwtSettings.KeysSetting);
        var audiences = sources[JwtSettings.AudienceSetting]?.Values ?? [];
        var (name, groups) = (Text(JwtSettings.NameSetting), Text(JwtSettings.GroupsSetting));
        if (issuer is null)
        {
            if (JwtSettings.All.Select(one => sources[one]).OfType<SettingValue>().FirstOrDefault() is { } alone)
            {
                sources.Errors.Add($"{alone.Origin}: say whose JWTs are meant (--jwt-issuer).");
            }

            return null;
        }

        if (audiences.Count == 0 || audiences.Any(string.IsNullOrWhiteSpace))
        {
            sources.Errors.Add(
                "--jwt-issuer: give --jwt-audience too. Without it a JWT that was made for another service would count "
                    + "here."
            );
        }

        if (keys is null && !CanBeAsked(issuer))
        {
            sources.Errors.Add(
                $"{sources[JwtSettings.IssuerSetting]!.Origin} '{issuer}': the issuer can't be asked for its keys. "
                    + "Give an address with https, or the keys in a file (--jwt-keys)."
            );
        }

        var settings = new JwtSettings
        {
            Issuer = issuer,
            Audiences = audiences,
            KeysFile = keys,
        };
        return settings with { NameClaim = name ?? settings.NameClaim, GroupsClaim = groups ?? settings.GroupsClaim };
    }

    // By http anybody on the way could give keys of their own.
    private static bool CanBeAsked(string issuer) =>
        Uri.TryCreate(issuer, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
}
