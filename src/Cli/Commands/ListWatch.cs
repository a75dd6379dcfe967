// "raftlocks ls --watch": the list again and again. On a screen it is drawn over; elsewhere, and as JSON, it is written
// again when it has changed. While no node answers (an election, say) the last one stays, and it is said that it is
// old.
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RaftLocks.Cli.Commands;

/// <summary>Looks at a list once a second until it is interrupted.</summary>
internal sealed class ListWatch(
    Terminal terminal,
    ApiClient api,
    ApiRequest<LocksResponse> wanted,
    Func<LocksResponse, Table> table
)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>Shows the pages to people; ends by cancellation only.</summary>
    public async Task ShowAsync(CancellationToken token)
    {
        var console = terminal.Tables();
        if (!console.Profile.Out.IsTerminal)
        {
            await WriteChangesAsync(page => console.Write(table(page.Value)), token);
            return;
        }

        await console
            .Live(new Text("…"))
            .StartAsync(async live =>
            {
                IRenderable last = new Text("…");
                while (true)
                {
                    try
                    {
                        last = table((await api.SendAsync(wanted, token)).Value);
                        live.UpdateTarget(last);
                    }
                    catch (ApiException e)
                    {
                        live.UpdateTarget(new Rows(last, new Text($"Not up to date: {e.Message}")));
                    }

                    live.Refresh();
                    await Task.Delay(Refresh, token);
                }
            });
    }

    /// <summary>Writes the pages for programs, one page in a line; ends by cancellation only.</summary>
    public Task WriteAsync(CancellationToken token) =>
        WriteChangesAsync(page => terminal.Out.WriteLine(ResponseJson.Line(page.Bytes)), token);

    private async Task WriteChangesAsync(Action<ApiResponse<LocksResponse>> write, CancellationToken token)
    {
        var (last, problem) = ("", "");
        while (true)
        {
            try
            {
                var page = await api.SendAsync(wanted, token);
                problem = "";

                // The index goes on whatever happens elsewhere.
                var requests = Requests(page);
                if (requests != last)
                {
                    last = requests;
                    write(page);
                    await terminal.Out.FlushAsync(token);
                }
            }
            catch (ApiException e) when (e.Message == problem)
            {
                // Said already.
            }
            catch (ApiException e)
            {
                problem = e.Message;
                await terminal.Error.WriteLineAsync($"Not up to date: {problem}");
            }

            await Task.Delay(Refresh, token);
        }
    }

    private static string Requests(ApiResponse<LocksResponse> page)
    {
        using var json = JsonDocument.Parse(page.Bytes);
        return json.RootElement.GetProperty("requests").GetRawText();
    }
}
