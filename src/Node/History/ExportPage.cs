// GET /v1/history/export: the whole journal of this node as one file, to be kept or proven elsewhere (raftlocks-node verify FILE).
using RaftLocks.Journal;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.History;

internal sealed class ExportPage(NodeSettings settings, NodeJournal? journal)
{
    private int underWay;

    public async Task HandleAsync(HttpContext context)
    {
        if (journal is null || settings.Journal is not { } options)
        {
            await Answer.TextAsync(context, StatusCodes.Status404NotFound, HistoryPage.Off);
            return;
        }

        if (Interlocked.Exchange(ref underWay, 1) == 1)
        {
            await Answer.TryAgainAsync(context, "The journal of this node is being exported already.");
            return;
        }

        try
        {
            await journal.CatchUpAsync(TimeSpan.FromMilliseconds(Limits.HistoryFlushMs), context.RequestAborted);
            await Task.Run(() => SendAsync(context, options.Directory), context.RequestAborted);
        }
        finally
        {
            Volatile.Write(ref underWay, 0);
        }
    }

    private async Task SendAsync(HttpContext context, string directory)
    {
        JournalSource source;
        try
        {
            source = JournalSource.Open(directory);
        }
        catch (IOException)
        {
            await Answer.TextAsync(context, StatusCodes.Status404NotFound, "The journal of this node is empty.");
            return;
        }

        using (source)
        {
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{settings.Name}.journal\"";
            await using var body = new BufferedStream(context.Response.Body, 1 << 16);
            var export = new ExportWriter(body);
            await export.BeginAsync(context.RequestAborted);
            try
            {
                while (source.TryNext())
                {
                    await export.AddAsync(source.Kind, source.Item.ToArray(), context.RequestAborted);
                }
            }
            catch (IOException)
            {
                // Damaged, or deleted meanwhile. Without the end mark nobody takes the file for a whole one.
                context.Abort();
                return;
            }

            await export.EndAsync(context.RequestAborted);
        }
    }
}
