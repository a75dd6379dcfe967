// Starts the command as the guard's own child. .NET's Process would reap it behind the guard's back, and the guard has
// to wait for all its children, those that it inherits too.
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RaftLocks.Cli.Guard;

internal static unsafe class SpawnedCommand
{
    // More than any C library needs for them.
    private const int AttributeBytes = 1024;

    /// <summary>Starts a program with this process's streams.</summary>
    /// <param name="program">The program's file.</param>
    /// <param name="command">The arguments and variables of the program.</param>
    /// <returns>The process, or what was in the way.</returns>
    public static (int Process, string? Problem) Start(byte[] program, RawCommand command)
    {
        var attributes = stackalloc byte[AttributeBytes];
        var signals = stackalloc byte[Libc.SignalSetBytes];
        _ = Libc.InitSpawnAttributes(attributes);
        _ = Libc.ClearSignals(signals);

        // .NET ignores it for itself. What else is ignored was ignored by whoever started raftlocks, and stays so.
        _ = Libc.AddSignal(signals, Libc.SigPipe);
        _ = Libc.SetSpawnDefaultSignals(attributes, signals);
        _ = Libc.SetSpawnFlags(attributes, Libc.SpawnSetsDefaultSignals);
        var file = Strings([program]);
        var arguments = Strings(command.Arguments);
        var variables = Strings(command.Variables);
        try
        {
            var error = Libc.Spawn(out var process, file[0], null, attributes, arguments, variables);
            return error == 0 ? (process, null) : (0, new Win32Exception(error).Message);
        }
        finally
        {
            Free(file);
            Free(arguments);
            Free(variables);
        }
    }

    private static byte** Strings(byte[][] texts)
    {
        var list = (byte**)NativeMemory.Alloc((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (var at = 0; at < texts.Length; at++)
        {
            var length = texts[at].Length;
            list[at] = (byte*)NativeMemory.Alloc((nuint)length + 1);
            texts[at].CopyTo(new Span<byte>(list[at], length));
            list[at][length] = 0;
        }

        list[texts.Length] = null;
        return list;
    }

    private static void Free(byte** list)
    {
        for (var at = list; *at is not null; at++)
        {
            NativeMemory.Free(*at);
        }

        NativeMemory.Free(list);
    }
}
