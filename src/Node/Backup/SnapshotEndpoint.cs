// GET /v1/admin/snapshot: a snapshot of the state as it stands, taken anew, as a file. The leader gives it, so that all
// that was acknowledged before the request is in it.
using System.Globalization;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Backup;

internal sealed class SnapshotEndpoint(RaftNode node, AdminGuard guard, Func<HttpContext, Task> sendToLeader)
{
    private int sending;

    public Task HandleAsync(HttpContext context) =>
        guard.PassAsync(context, node.Current is null ? sendToLeader : SendAsync);

    private async Task SendAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref sending) > Limits.MaxSnapshotDownloads)
        {
            Interlocked.Decrement(ref sending);
            await Responses.UnavailableAsync(
                context,
                $"{Limits.MaxSnapshotDownloads} snapshots are being sent already. Try again when one of them is"
                    + " done."
            );
            return;
        }

        try
        {
            using var snapshot = await node.TakeSnapshotAsync();
            if (node.Current is not { HasLease: true })
            {
                await Responses.UnavailableAsync(
                    context,
                    "This node has just ceased to lead: what it has may not be the newest. Try again."
                );
            }
            else if (snapshot is null)
            {
                await Responses.TextAsync(
                    context,
                    StatusCodes.Status409Conflict,
                    "There is no snapshot to send: nothing was ever locked here, or it could not be written (see"
                        + " the node's log)."
                );
            }
            else
            {
                context.Response.ContentType = "application/octet-stream";
                context.Response.ContentLength = snapshot.Length;
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers["RaftLocks-Snapshot-Index"] = snapshot.Index.ToString(
                    CultureInfo.InvariantCulture
                );
                await snapshot.Stream.CopyToAsync(
                    context.Response.Body,
                    SnapshotFormat.PartBytes,
                    context.RequestAborted
                );
            }
        }
        finally
        {
            Interlocked.Decrement(ref sending);
        }
    }
}
