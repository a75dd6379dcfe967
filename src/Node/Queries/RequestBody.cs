// The JSON object that a query comes as, field by field, and the first error in it as a sentence.
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Queries;

internal sealed class RequestBody
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    // Two ids in one order to revoke: which of them was meant?
    private static readonly JsonDocumentOptions OncePerField = new() { AllowDuplicateProperties = false };

    private readonly JsonElement root;

    private RequestBody(JsonElement root, string? error)
    {
        this.root = root;
        Error = error;
    }

    /// <summary>The first error, if any.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads the body of a request.</summary>
    public static async Task<RequestBody> ReadAsync(HttpContext context)
    {
        try
        {
            using var bytes = new MemoryStream();
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
            var text = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
            if (!Utf8.IsValid(text.Span))
            {
                return new RequestBody(default, "The body is not UTF-8: send JSON in UTF-8.");
            }

            using var document = JsonDocument.Parse(text, OncePerField);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new RequestBody(document.RootElement.Clone(), error: null)
                : new RequestBody(
                    default,
                    "The body is no JSON object: send one, as in {\"namespace\":\"orders\",\"id\":\"7\"}."
                );
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return new RequestBody(default, "The body is no JSON, or too large: " + e.Message);
        }
    }

    /// <summary>Whether the field is there.</summary>
    public bool Has(string name) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(name, out var field)
        && field.ValueKind != JsonValueKind.Null;

    /// <summary>The field as it was sent.</summary>
    public string Raw(string name) => root.GetProperty(name).GetRawText();

    /// <summary>A namespace's name, UTF-8.</summary>
    public byte[] Namespace(MessageLimits limits)
    {
        var name = Text("namespace", limits.MaxNamespaceBytes);
        return name.Length > 0 || Error is not null
            ? name
            : AddError("\"namespace\" is missing: in which namespace?", name);
    }

    /// <summary>A text as UTF-8; empty if it is not there.</summary>
    public byte[] Text(string name, int maxBytes)
    {
        if (!Has(name))
        {
            return [];
        }

        if (root.GetProperty(name) is not { ValueKind: JsonValueKind.String } field)
        {
            return AddError<byte[]>($"\"{name}\" is no string.", []);
        }

        try
        {
            var utf8 = StrictUtf8.GetBytes(field.GetString()!);
            return utf8.Length <= maxBytes
                ? utf8
                : AddError<byte[]>($"\"{name}\" has {utf8.Length} bytes: at most {maxBytes}.", []);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return AddError<byte[]>(
                $"\"{name}\" is no valid text (half of a surrogate pair, or bytes that are no UTF-8): send whole "
                    + "characters.",
                []
            );
        }
    }

    /// <summary>The number of a request.</summary>
    public ulong Id()
    {
        var text = Has("id")
            ? root.GetProperty("id") is { ValueKind: JsonValueKind.String } field
                ? Encoding.UTF8.GetString(Text("id", maxBytes: 20))
                : Raw("id")
            : "";
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : AddError("\"id\" is the number of a request, as in \"id\":\"7\".", 0UL);
    }

    /// <summary>A whole number, or what is meant when it is not there.</summary>
    public int Number(string name, int otherwise, int max)
    {
        if (!Has(name))
        {
            return otherwise;
        }

        return
            root.GetProperty(name) is { ValueKind: JsonValueKind.Number } field
            && field.TryGetInt32(out var number)
            && number >= 0
            && number <= max
            ? number
            : AddError($"\"{name}\" is a whole number from 0 to {max}.", otherwise);
    }

    /// <summary>True or false; false if it is not there.</summary>
    public bool Flag(string name) =>
        Has(name)
        && root.GetProperty(name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => AddError($"\"{name}\" is true or false.", otherwise: false),
        };

    /// <summary>Notes an error.</summary>
    public T AddError<T>(string sentence, T otherwise)
    {
        Error ??= sentence;
        return otherwise;
    }
}
