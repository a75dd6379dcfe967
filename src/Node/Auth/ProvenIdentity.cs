// What somebody else has proven about a caller, the authority of a certificate or the issuer of a JWT, and the rights
// that follow from it: those of the policies that bindings give to its names, and what anybody may do.
using System.Text;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Auth;

/// <summary>What is proven about a caller.</summary>
/// <param name="Name">The principal, as bindings name it: cert:NAME, jwt:NAME.</param>
/// <param name="Groups">Its groups, likewise: group:NAME.</param>
/// <param name="UntilMs">Until when that counts, ms since 1970.</param>
internal sealed record ProvenIdentity(string Name, IReadOnlyList<string> Groups, long UntilMs)
{
    /// <summary>The names that bindings are looked for.</summary>
    public IEnumerable<string> Names => Groups.Prepend(Name);
}

/// <summary>The rights that bindings give, as of one state.</summary>
/// <param name="State">The state.</param>
/// <param name="Rights">The rights.</param>
/// <param name="UntilMs">When the first of these bindings expires, ms since 1970.</param>
internal sealed record BoundRights(AuthState State, Rights Rights, long UntilMs)
{
    /// <summary>The rights of names.</summary>
    public static BoundRights Of(AuthState state, IEnumerable<string> names, long nowMs)
    {
        var rules = new List<PolicyRule>(state.FindPolicy(Policy.Anonymous.Name.Span)?.Rules ?? []);
        var untilMs = long.MaxValue;
        foreach (var name in names)
        {
            if (
                state.FindToken(Encoding.UTF8.GetBytes(name)) is not { } binding
                || (binding.ExpiresAtMs != 0 && nowMs >= binding.ExpiresAtMs)
            )
            {
                continue;
            }

            rules.AddRange(binding.Policies.SelectMany(policy => state.FindPolicy(policy)?.Rules ?? []));
            untilMs = binding.ExpiresAtMs == 0 ? untilMs : Math.Min(untilMs, binding.ExpiresAtMs);
        }

        return new BoundRights(state, rules.Count == 0 ? Rights.None : new Rights(rules), untilMs);
    }
}
