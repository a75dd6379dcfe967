// The keys of JWTs' issuer, asked for at the issuer itself: when, and what is not taken from it.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Auth;

public sealed class IssuerKeysTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new();
    private readonly TestIssuer issuer = new();
    private readonly CancellationTokenSource stopping = new();
    private WebApplication web = null!;
    private IssuerKeys keys = null!;
    private Task running = Task.CompletedTask;
    private volatile string? answer;
    private volatile string? name;
    private int asked;

    public async Task InitializeAsync()
    {
        web = WebApplication.CreateSlimBuilder().Build();
        web.Urls.Add("http://127.0.0.1:0");
        web.MapGet(
            "/.well-known/openid-configuration",
            (HttpContext context) =>
            {
                Interlocked.Increment(ref asked);
                return Results.Text(
                    $$"""{"issuer":"{{name ?? issuer.Url}}","jwks_uri":"{{issuer.Url}}/keys"}""",
                    "application/json"
                );
            }
        );
        web.MapGet("/keys", () => Results.Text(answer ?? issuer.Keys, "application/json"));
        await web.StartAsync();
        issuer.Url = web.Urls.First();
        keys = new IssuerKeys(new JwtSettings { Issuer = issuer.Url, Audiences = ["x"] }, NullLogger.Instance, time);
    }

    public async Task DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        await web.DisposeAsync();
    }

    public void Dispose()
    {
        keys.Dispose();
        issuer.Dispose();
        stopping.Dispose();
    }

    [Fact]
    public async Task They_are_asked_for_at_the_start_and_later_on()
    {
        Assert.NotNull(keys.Problem);
        Start();
        await AtOnceAsync(() => !keys.IsEmpty);
        Assert.Null(keys.Problem);

        var before = await KeyAsync();
        issuer.Rotate();
        Assert.True(
            await UntilAsync(() => KeyAsync().Result != before) >= TimeSpan.FromMilliseconds(Limits.IssuerRefreshMs)
        );
    }

    [Fact]
    public async Task A_key_that_is_not_known_makes_them_be_asked_for_soon_but_not_as_often_as_a_stranger_likes()
    {
        Start();
        await AtOnceAsync(() => !keys.IsEmpty);
        var before = await KeyAsync();
        issuer.Rotate();

        var waited = await UntilAsync(() =>
        {
            keys.RequestRefresh();
            return KeyAsync().Result != before;
        });

        Assert.InRange(
            waited,
            TimeSpan.FromMilliseconds(Limits.IssuerRetryMs),
            TimeSpan.FromMilliseconds(Limits.IssuerRefreshMs - 1.0)
        );
        Assert.Equal(2, Volatile.Read(ref asked));
    }

    [Theory]
    [InlineData("https://other.example", null)]
    [InlineData(null, """{"keys":[]}""")]
    [InlineData(null, """{"keys":[{"kty":"oct","k":"c2VjcmV0LXRoYXQtYm90aC1zaWRlcy1rbm93LWFuZC11c2U"}]}""")]
    [InlineData(null, "no JSON")]
    public async Task What_can_not_be_the_issuers_keys_is_not_used_and_an_alarm_until_it_is_repaired(
        string? called,
        string? keySet
    )
    {
        (name, answer) = (called, keySet);
        Start();
        await AtOnceAsync(() => keys.Problem?.Contains("can't be read", StringComparison.Ordinal) == true);
        Assert.True(keys.IsEmpty);

        (name, answer) = (null, null);
        await UntilAsync(() => !keys.IsEmpty && keys.Problem is null);
    }

    [Fact]
    public void A_file_that_has_no_keys_is_a_wrong_setting_at_the_start()
    {
        File.WriteAllText(issuer.KeysFile, """{"keys":[]}""");
        var settings = new JwtSettings
        {
            Issuer = issuer.Url,
            Audiences = ["x"],
            KeysFile = issuer.KeysFile,
        };

        var wrong = Assert.Throws<WrongSettingException>(() => new IssuerKeys(settings, NullLogger.Instance, time));
        Assert.Contains("--jwt-keys", wrong.Message, StringComparison.Ordinal);
    }

    private void Start() => running = keys.RunAsync(stopping.Token);

    private async Task<string> KeyAsync() =>
        (await keys.GetConfigurationAsync(CancellationToken.None)).SigningKeys.Single().KeyId;

    /// <summary>Waits while the clock stands still: an answer that comes late does not use up the time until the next
    /// question.</summary>
    private static Task AtOnceAsync(Func<bool> condition) => Eventually.HoldsAsync(() => Task.FromResult(condition()));

    /// <summary>Lets the time pass until a condition holds; how much that took.</summary>
    private async Task<TimeSpan> UntilAsync(Func<bool> condition)
    {
        var passed = TimeSpan.Zero;
        await Eventually.HoldsAsync(() =>
        {
            if (condition())
            {
                return Task.FromResult(true);
            }

            time.Advance(Step);
            passed += Step;
            return Task.FromResult(false);
        });
        return passed;
    }
}
