// What all connections of a node have in common.
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>Limits of messages, and who may lock.</summary>
internal sealed class ConnectionRules
{
    private readonly LiveSettings settings;

    public ConnectionRules(LiveSettings settings, Admission admission, AuditLog? audit = null, LockRates? rates = null)
    {
        this.settings = settings;
        Rates = rates;
        Audit = audit;
        Admission = admission;
        MessageLimits = new MessageLimits
        {
            MaxMessageBytes = settings.Current.MaxMessageBytes,
            MaxNamespaceBytes = Limits.MaxNamespaceBytes,
            MaxAbandonTimeoutMs = Limits.MaxAbandonTimeoutMs,
            AllowEmptyPath = settings.Current.AllowEmptyPath,
        };
        Parser = new MessageParser(MessageLimits);
    }

    /// <summary>Admits locks.</summary>
    public Admission Admission { get; }

    /// <summary>How many locks may be asked for in a second; null for any number.</summary>
    public LockRates? Rates { get; }

    /// <summary>Where refusals are told; null for nowhere.</summary>
    public AuditLog? Audit { get; }

    /// <summary>Channels of one connection that may be in use at once.</summary>
    public int MaxChannels => settings.Current.MaxChannels;

    /// <summary>Limits of messages and of the query.</summary>
    public MessageLimits MessageLimits { get; }

    /// <summary>Has no state: serves all connections.</summary>
    public MessageParser Parser { get; }
}
