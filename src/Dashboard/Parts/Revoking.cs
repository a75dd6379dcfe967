// Opens the dialog that revokes a request, and tells what came of it.
using MudBlazor;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

internal static class Revoking
{
    /// <summary>Asks for a reason, revokes, tells the outcome.</summary>
    public static async Task AskAsync(IDialogService dialogs, ISnackbar told, string ns, RequestInfo one)
    {
        var id = one.Id;
        var parameters = new DialogParameters<RevokeDialog>
        {
            { dialog => dialog.Namespace, ns },
            { dialog => dialog.One, one },
        };
        var dialog = await dialogs.ShowAsync<RevokeDialog>("", parameters);
        if (await dialog.Result is { Canceled: false, Data: string outcome })
        {
            told.Add(
                outcome switch
                {
                    "released" => $"#{id} was released by its holder",
                    "gone" => $"#{id} was gone already",
                    _ => $"#{id} is revoked",
                },
                Severity.Success
            );
        }
    }
}
