// What a node keeps of somebody who has logged in. The browser has only a random number for it.
using System.Security.Claims;

namespace RaftLocks.Dashboard;

/// <summary>Somebody who has logged in with a token.</summary>
internal sealed class Login
{
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Begins a login.</summary>
    /// <param name="name">The principal.</param>
    /// <param name="secret">The token's secret.</param>
    /// <param name="address">Where the browser is, for the audit log.</param>
    /// <param name="endsAt">When it ends at the latest.</param>
    public Login(string name, string secret, string? address, DateTimeOffset endsAt)
    {
        (Name, Secret, Address, EndsAt) = (name, secret, address, endsAt);
        User = new ClaimsPrincipal(
            new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, Id), new Claim(ClaimTypes.Name, name)], "login")
        );
    }

    /// <summary>Its name within this process; no secret.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("n");

    /// <summary>The principal.</summary>
    public string Name { get; }

    /// <summary>The token's secret, with which the nodes are asked.</summary>
    public string Secret { get; }

    /// <summary>Where the browser is.</summary>
    public string? Address { get; }

    /// <summary>When it ends at the latest.</summary>
    public DateTimeOffset EndsAt { get; }

    /// <summary>The user of each request that shows it, and of each connection of a page.</summary>
    public ClaimsPrincipal User { get; }

    /// <summary>Completes when it ends, with a sentence that says why.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>Ends it; its pages hear of it.</summary>
    /// <param name="why">A sentence for whoever looks at them.</param>
    public void End(string why) => ended.TrySetResult(why);
}
