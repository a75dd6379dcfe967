// An issuer of JWTs of a test's own. It shares no code with what checks them, and can make what no issuer should.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RaftLocks.Tests;

/// <summary>An issuer with the file of its keys in a temporary folder.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Audience = "locks";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-issuer-");
    private ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private string keyId = "k1";

    public TestIssuer(string url = "https://login.example")
    {
        Url = url;
        WriteKeys();
    }

    public string Url { get; set; }

    /// <summary>The file with its public keys.</summary>
    public string KeysFile => Path.Combine(folder.FullName, "keys.json");

    /// <summary>Its public keys.</summary>
    public string Keys
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""
                {"keys":[{"kty":"EC","crv":"P-256","use":"sig","kid":"{{keyId}}","x":"{{Text(point.X!)}}","y":"{{Text(
                    point.Y!
                )}}"}]}
                """;
        }
    }

    /// <summary>Replaces its key, and with it what is in the file.</summary>
    public void Rotate()
    {
        key.Dispose();
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        keyId += "+";
        WriteKeys();
    }

    /// <summary>A JWT for somebody that is valid for an hour.</summary>
    public string For(string subject, params string[] groups) =>
        Jwt(claims =>
        {
            claims["sub"] = subject;
            claims["groups"] = new JsonArray([.. groups.Select(group => JsonValue.Create(group))]);
        });

    /// <summary>A JWT with some claims that are otherwise than usual; null removes one.</summary>
    public string Jwt(Action<JsonObject> change) => Signed("ES256", change, Sign);

    /// <summary>A JWT that says how it is signed, and may be signed otherwise.</summary>
    public string Signed(string algorithm, Action<JsonObject> change, Func<byte[], byte[]> sign)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = new JsonObject
        {
            ["iss"] = Url,
            ["sub"] = "ann",
            ["aud"] = Audience,
            ["nbf"] = now.AddMinutes(-1).ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
        };
        change(claims);
        var head = new JsonObject
        {
            ["alg"] = algorithm,
            ["typ"] = "JWT",
            ["kid"] = keyId,
        };
        var said = $"{Text(head)}.{Text(claims)}";
        return $"{said}.{Text(sign(Encoding.ASCII.GetBytes(said)))}";
    }

    /// <summary>Signs as the issuer does.</summary>
    public byte[] Sign(byte[] said) => key.SignData(said, HashAlgorithmName.SHA256);

    public void Dispose()
    {
        key.Dispose();
        folder.Delete(recursive: true);
    }

    private static string Text(JsonObject json) => Text(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Text(byte[] bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private void WriteKeys() => File.WriteAllText(KeysFile, Keys);
}
