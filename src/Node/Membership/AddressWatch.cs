// The leader asks each member now and then for the addresses that it was started with, and has those that are new
// replicated: so clients are sent where a member listens since its last restart. The voting members stay who they are.
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Membership;

/// <summary>Runs on every node; acts on the leader.</summary>
internal sealed partial class AddressWatch(RaftNode node, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ChangeBound = TimeSpan.FromSeconds(10);

    /// <summary>Looks until the process ends.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            if (node.Current is { } leadership)
            {
                using var leads = CancellationTokenSource.CreateLinkedTokenSource(token, leadership.Ended);
                await LookAsync(leads.Token);
            }

            await Task.Delay(AskAgain, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks each member once.</summary>
    public async Task LookAsync(CancellationToken token)
    {
        foreach (var member in node.Members)
        {
            try
            {
                // Not given up early: the library would close the connection, to the harm of what is sent over it just
                // then. It has a bound of its own.
                if (await node.AskForAddressesAsync(member, token) is { } told && told != member)
                {
                    using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
                    timeout.CancelAfter(ChangeBound);
                    await node.UpdateMemberAsync(told, timeout.Token);
                    Follows(logger, told.Name, told.ClientUrl, told.InternalUrl);
                }
            }
            catch (Exception e) when (IReplication.IsLost(e))
            {
                // Leadership has ended, or another change is on its way: the next look does it.
            }
        }
    }

    [LoggerMessage(
        403,
        LogLevel.Information,
        "{Name} is reached by clients at {ClientUrl} now, and by other nodes at {InternalUrl}"
    )]
    private static partial void Follows(ILogger logger, string name, Uri clientUrl, Uri internalUrl);
}
