// GET /v1/namespaces: all namespaces, page by page, empty ones included. In no order that means anything, because an
// order would have to be kept for a million of them; each page by itself is in byte order.
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal sealed class NamespacesEndpoint(RaftNode node, LinearizableReadGate leader, Authenticator authenticator)
{
    private const int NamespacesPerLook = 256;

    public Task HandleAsync(HttpContext context)
    {
        var parameters = new NamespacesParameters(context.Request.Query);
        var (limit, cursor) = parameters.Query();
        if (parameters.Error is { } error)
        {
            return Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
        }

        var caller = authenticator.Of(context);
        return leader.HandleAsync(
            context,
            _ => Look(limit, cursor, caller.Rights),
            view =>
                view is null
                    ? Responses.TextAsync(
                        context,
                        StatusCodes.Status400BadRequest,
                        "The cursor is of another leader's list: begin anew without it."
                    )
                    : Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.NamespacesResponse)
        );
    }

    private static NamespaceInfo ToResponse(ListedNamespace view) =>
        new(
            RequestInfoMapper.Text(view.Name.Span),
            view.Summary.AcquiredCount,
            view.Summary.EnqueuedCount,
            RequestInfoMapper.Id(view.Summary.LastId)
        );

    private NamespacesResponse? Look(int limit, NamespacesCursor? cursor, Rights rights)
    {
        var (index, tag) = node.Read(static state => (state.AppliedIndex, state.NamespaceListTag));
        if (cursor is { } said && said.Tag != tag)
        {
            return null;
        }

        var (from, found) = (cursor?.Place ?? 0, new List<ListedNamespace>());
        for (
            var looks = 0;
            from >= 0 && found.Count < limit && looks < Limits.MaxRequestsPerQuery / NamespacesPerLook;
            looks++
        )
        {
            from = node.Read(state =>
                state.ReadNamespaces(from, Math.Min(limit - found.Count, NamespacesPerLook), found)
            );
            found.RemoveAll(one => !rights.AllowsSome(Verbs.Observe, one.Name.Span));
        }

        found.Sort(static (a, b) => a.Name.Span.SequenceCompareTo(b.Name.Span));
        return new NamespacesResponse(
            index,
            [.. found.Select(ToResponse)],
            from >= 0,
            from >= 0 ? new NamespacesCursor(tag, from).ToString() : null
        );
    }
}

/// <summary>The position from which a list of namespaces continues.</summary>
/// <param name="Tag">Whose list.</param>
/// <param name="Place">Where in it.</param>
internal readonly record struct NamespacesCursor(uint Tag, long Place)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out NamespacesCursor cursor)
    {
        cursor = default;
        if (
            text.Split('-') is not [var tag, var place]
            || !uint.TryParse(tag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var whose)
            || !long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var where)
        )
        {
            return false;
        }

        cursor = new NamespacesCursor(whose, where);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tag:x8}-{Place}");
}

internal sealed class NamespacesParameters(IQueryCollection query) : QueryParameters(query)
{
    public (int Limit, NamespacesCursor? Cursor) Query()
    {
        OnlyKnown(["limit", "cursor"]);
        var limit = Number("limit", Limits.DefaultListed, 1, Limits.MaxListed);
        return Text("cursor") is not { } text ? (limit, null)
            : NamespacesCursor.TryParse(text, out var cursor) ? (limit, cursor)
            : (limit, AddError("'cursor' is the cursor of an answer.", otherwise: (NamespacesCursor?)null));
    }
}
