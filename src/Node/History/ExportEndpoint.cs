// GET /v1/history/export: the whole journal of this node as one file, to be kept or proven elsewhere (raftlocks verify
// FILE).
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.History;

internal sealed class ExportEndpoint(NodeSettings settings, NodeJournal? journal)
{
    private int underWay;

    public async Task HandleAsync(HttpContext context)
    {
        if (journal is null || settings.Journal is not { } options)
        {
            await Responses.TextAsync(context, StatusCodes.Status404NotFound, HistoryEndpoint.Off);
            return;
        }

        if (Interlocked.Exchange(ref underWay, 1) == 1)
        {
            await Responses.UnavailableAsync(context, "The journal of this node is being exported already.");
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
            await Responses.TextAsync(context, StatusCodes.Status404NotFound, "The journal of this node is empty.");
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
                // The segment is damaged, or was deleted meanwhile. Without the end mark the file is not taken for a
                // whole one.
                context.Abort();
                return;
            }

            await export.EndAsync(context.RequestAborted);
        }
    }
}
