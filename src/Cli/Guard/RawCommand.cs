// A command as the system takes it: arguments and variables are bytes, in no encoding.
using System.Globalization;
using System.Text;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Guard;

/// <summary>A command and its environment.</summary>
/// <param name="Arguments">The name of the program first.</param>
/// <param name="Variables">The environment variables, each as NAME=VALUE.</param>
internal sealed record RawCommand(byte[][] Arguments, byte[][] Variables)
{
    /// <summary>A command at the end of this process's own command line, with this process's environment.</summary>
    /// <exception cref="UsageException">Its bytes can't be had.</exception>
    public static RawCommand Of(string[] command) => new(RawProcess.Arguments(command), RawProcess.Variables());

    /// <summary>The same command with one variable set.</summary>
    public RawCommand With(string name, ulong value)
    {
        var prefix = Encoding.UTF8.GetBytes(name + "=");
        byte[] variable = [.. prefix, .. Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture))];
        return this with { Variables = [.. Variables.Where(one => !one.AsSpan().StartsWith(prefix)), variable] };
    }

    /// <summary>Writes the command, and the file that was found for it, as a part of a line.</summary>
    public string Text(byte[] program) => $"{Convert.ToBase64String(program)} {Text(Arguments)} {Text(Variables)}";

    /// <summary>Reads what <see cref="Text(byte[])"/> wrote.</summary>
    public static (byte[] Program, RawCommand Command) Read(string text)
    {
        var parts = text.Split(' ');
        return (Convert.FromBase64String(parts[0]), new RawCommand(Bytes(parts[1]), Bytes(parts[2])));
    }

    private static string Text(byte[][] list) => string.Join(',', list.Select(Convert.ToBase64String));

    private static byte[][] Bytes(string text) => [.. text.Split(',').Select(Convert.FromBase64String)];
}
