// Who has logged in at this node. They are kept in memory only: a node that restarts asks again, and so does each other
// node. What the browser keeps is a random number, of which the node knows the hash. It is of no use anywhere else.
using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace RaftLocks.Dashboard;

/// <summary>The logins at this node. Thread-safe.</summary>
internal sealed class Logins(TimeProvider time)
{
    private const int NumberBytes = 32;
    private const string TooOld = "The login was too old.";
    private const string TooMany = "There are too many logins, and this was the oldest.";

    private readonly Lock gate = new();
    private readonly Dictionary<string, Login> byHash = new(StringComparer.Ordinal);

    /// <summary>Makes an empty list with the system's clock.</summary>
    public Logins()
        : this(TimeProvider.System) { }

    /// <summary>Begins a login.</summary>
    /// <param name="name">The principal.</param>
    /// <param name="secret">The token's secret.</param>
    /// <param name="address">Where the browser is.</param>
    /// <param name="number">What the browser must keep.</param>
    public Login Begin(string name, string secret, string? address, out string number)
    {
        number = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NumberBytes));
        var login = new Login(name, secret, address, time.GetUtcNow() + Limits.LoginLife);
        List<Login> over;
        lock (gate)
        {
            byHash.Add(HashOf(number), login);
            over = [.. Superfluous(name)];
            Forget(over);
        }

        over.ForEach(one => one.End(one.EndsAt <= time.GetUtcNow() ? TooOld : TooMany));
        return login;
    }

    /// <summary>The login of whoever shows a number; null if there is none, or it has ended.</summary>
    public Login? Find(string? number) =>
        number is { Length: > 0 and <= 2 * NumberBytes }
        && Read(known => known.GetValueOrDefault(HashOf(number))) is { } login
            ? Living(login)
            : null;

    /// <summary>The login of a user; null if there is none, or it has ended.</summary>
    public Login? Of(ClaimsPrincipal user) =>
        user.FindFirst(ClaimTypes.NameIdentifier)?.Value is { } id
        && Read(known => known.Values.FirstOrDefault(login => login.Id == id)) is { } login
            ? Living(login)
            : null;

    /// <summary>Ends a login, in all pages of its browser.</summary>
    /// <param name="login">The login.</param>
    /// <param name="why">A sentence for whoever looks at them.</param>
    public void End(Login login, string why)
    {
        lock (gate)
        {
            Forget([login]);
        }

        login.End(why);
    }

    private static string HashOf(string number) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(number)));

    private Login? Read(Func<Dictionary<string, Login>, Login?> look)
    {
        lock (gate)
        {
            return look(byHash);
        }
    }

    private Login? Living(Login login)
    {
        if (time.GetUtcNow() < login.EndsAt)
        {
            return login;
        }

        End(login, TooOld);
        return null;
    }

    // Those whose time is over, and the oldest of those that are too many.
    private IEnumerable<Login> Superfluous(string name)
    {
        var now = time.GetUtcNow();
        var oldestFirst = byHash.Values.OrderBy(login => login.EndsAt).ToList();
        var ofOne = oldestFirst.Where(login => login.Name == name).ToList();
        return oldestFirst
            .Where(login => login.EndsAt <= now)
            .Union(ofOne.Take(ofOne.Count - Limits.MaxLoginsOfOne))
            .Union(oldestFirst.Take(oldestFirst.Count - Limits.MaxLogins));
    }

    private void Forget(IReadOnlyCollection<Login> over)
    {
        foreach (var hash in byHash.Where(known => over.Contains(known.Value)).Select(known => known.Key).ToList())
        {
            byHash.Remove(hash);
        }
    }
}
