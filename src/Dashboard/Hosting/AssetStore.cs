// Scripts and styles, out of this assembly. The usual way, files beside the program, breaks when the node is started
// from another folder or out of its build: then the pages come with empty scripts. Compressed when first asked for, and
// kept; the name carries a hash, so browsers keep them too.
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace RaftLocks.Dashboard;

/// <summary>The dashboard's scripts and styles.</summary>
internal static class AssetStore
{
    private static readonly Assembly Here = typeof(AssetStore).Assembly;
    private static readonly ConcurrentDictionary<string, Lazy<Asset?>> Known = new(StringComparer.Ordinal);

    /// <summary>The address of an asset, relative to the dashboard.</summary>
    public static string Address(string name) => $"assets/{name}?v={Find(name)!.Hash}";

    /// <summary>GET /dashboard/assets/NAME.</summary>
    public static async Task HandleAsync(HttpContext context, string name)
    {
        if (Find(name) is not { } asset)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = asset.ContentType;
        var zipped = context
            .Request.Headers.AcceptEncoding.ToString()
            .Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        var body = zipped ? asset.Zipped : asset.Plain;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Asset? Find(string name) =>
        Here.GetManifestResourceInfo(name) is null
            ? null
            : Known.GetOrAdd(name, static wanted => new Lazy<Asset?>(() => Read(wanted))).Value;

    private static Asset? Read(string name)
    {
        var contentType = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => null,
        };
        if (contentType is null)
        {
            return null;
        }

        using var stream = Here.GetManifestResourceStream(name)!;
        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            zip.Write(plain);
        }

        return new Asset(contentType, Convert.ToHexStringLower(SHA256.HashData(plain))[..12], plain, zipped.ToArray());
    }

    private sealed record Asset(string ContentType, string Hash, byte[] Plain, byte[] Zipped);
}
