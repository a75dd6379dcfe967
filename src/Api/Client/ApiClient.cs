// The client of the HTTP API: asks one node after the other until one answers, follows redirects to the leader, and
// asks again while there is none. A node that does not answer as one (silent, refusing, another program) is told of and
// passed over; it costs seconds, never minutes.
using System.Diagnostics;
using System.Text.Json;

namespace RaftLocks.Api;

/// <summary>Asks nodes. Thread-safe.</summary>
public sealed class ApiClient(ApiClientOptions options) : IDisposable
{
    private readonly NodeExchange exchange = new(options);

    /// <summary>The nodes that may be asked.</summary>
    public IReadOnlyList<Uri> Nodes => options.Nodes();

    /// <summary>Asks whichever node answers.</summary>
    /// <exception cref="ApiException">None did, or one refused.</exception>
    public Task<ApiResponse<T>> SendAsync<T>(ApiRequest<T> request, CancellationToken token)
        where T : class => AskAsync(request, answer => ReadAsync(answer, request, token), token);

    /// <summary>Asks this node and no other one.</summary>
    /// <exception cref="ApiException">It did not answer, or refused.</exception>
    public async Task<ApiResponse<T>> SendAsync<T>(Uri node, ApiRequest<T> request, CancellationToken token)
        where T : class
    {
        try
        {
            ThrowIfUntrusted(node, request);
            var answer = await exchange.SendAsync(node, request, token);
            if (answer.IsSuccessStatusCode || answer.StatusCode == request.AlsoAnswered)
            {
                return await ReadAsync(answer, request, token);
            }

            using (answer)
            {
                throw new ApiRefusedException(answer.StatusCode, await exchange.SentenceAsync(answer, token));
            }
        }
        catch (NoAnswerException e)
        {
            throw new ApiUnreachableException(e.Message, e);
        }
        catch (UntrustedRedirectException e)
        {
            throw new ApiException(e.Sentence, e);
        }
    }

    /// <summary>
    /// Asks for what does not end, or is large. The caller disposes of the answer, and bounds its reading.
    /// </summary>
    /// <exception cref="ApiException">No node answered, or one refused.</exception>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken token) =>
        AskAsync(
            request,
            answer =>
            {
                if (answer.Content.Headers.ContentType?.MediaType == request.MediaType)
                {
                    return Task.FromResult(answer);
                }

                answer.Dispose();
                throw new NoAnswerException($"it answers what is no {request.MediaType}");
            },
            token
        );

    /// <inheritdoc/>
    public void Dispose() => exchange.Dispose();

    private async Task<T> AskAsync<T>(
        ApiRequest request,
        Func<HttpResponseMessage, Task<T>> read,
        CancellationToken token
    )
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            var (round, nodes) = (new Round(request), Nodes);
            foreach (var node in nodes)
            {
                try
                {
                    var answer = await exchange.SendAsync(node, request, token);
                    if (answer.IsSuccessStatusCode)
                    {
                        return await read(answer);
                    }

                    using (answer)
                    {
                        if (round.Refused(answer.StatusCode, await exchange.SentenceAsync(answer, token)) is { } final)
                        {
                            throw final;
                        }
                    }
                }
                catch (NoAnswerException e)
                {
                    round.Silent(node, e);
                }
                catch (UntrustedRedirectException e)
                {
                    round.Untrusted(e);
                }

                if (nodes.Count > 1)
                {
                    options.NodeSkipped?.Invoke(node, round.Problem);
                }
            }

            if (!round.MayChange || Stopwatch.GetElapsedTime(startedAt) >= options.ElectionTimeout)
            {
                throw round.End(nodes);
            }

            await Task.Delay(ApiLimits.RoundInterval, token);
        }
    }

    private async Task<ApiResponse<T>> ReadAsync<T>(
        HttpResponseMessage answer,
        ApiRequest<T> request,
        CancellationToken token
    )
        where T : class
    {
        using (answer)
        {
            var bytes = await exchange.ReadAsync(answer, token);
            try
            {
                return request.Read(bytes) is { } value
                    ? new ApiResponse<T>(value, bytes)
                    : throw new NoAnswerException("it answers what is no RaftLocks node's answer");
            }
            catch (JsonException e)
            {
                throw new NoAnswerException(
                    IsJson(bytes) ? "it answers what is no RaftLocks node's answer" : "it answers what is no JSON",
                    e
                );
            }
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void ThrowIfUntrusted(Uri node, ApiRequest request)
    {
        if (exchange.TokenOf(request) is not null && !exchange.IsListed(node))
        {
            throw new UntrustedRedirectException(node, node);
        }
    }
}
