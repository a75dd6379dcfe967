// Asks the kernel for one socket (man 7 sock_diag), which costs the same however many there are. The tables in
// /proc/net are read whole for each question: nodes that connect again and again while nobody leads made thousands of
// sockets, and the proxies had no time left to connect them.
using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;

namespace RaftLocks.Chaos.Network;

/// <summary>Questions to the kernel about TCP sockets over IPv4.</summary>
internal static partial class SocketDiagnosis
{
    private const int NetlinkFamily = 16;
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int SocketDiagnosisProtocol = 4;
    private const ushort ByFamily = 20;
    private const ushort IsRequest = 1;
    private const byte InternetFamily = 2;
    private const byte Tcp = 6;

    // The header (struct nlmsghdr), the question (struct inet_diag_req_v2), the answer (struct inet_diag_msg).
    private const int HeaderBytes = 16;
    private const int QuestionBytes = 8 + SocketIdBytes;
    private const int SocketIdBytes = 48;
    private const int InodePosition = HeaderBytes + 4 + SocketIdBytes + 16;
    private const int AnswerBytes = 4_096;

    /// <summary>The inode of the socket that is bound to an address and connected to another; null if there is none, or
    /// nobody has it open any more.</summary>
    /// <exception cref="IOException">The kernel can't be asked.</exception>
    public static uint? InodeOf(IPEndPoint local, IPEndPoint remote)
    {
        var socket = Open(NetlinkFamily, RawSocket | CloseOnExec, SocketDiagnosisProtocol);
        if (socket < 0)
        {
            throw LastError();
        }

        try
        {
            var question = Question(local, remote);
            var answer = new byte[AnswerBytes];
            if (Send(socket, question, question.Length, 0) < 0)
            {
                throw LastError();
            }

            var length = Receive(socket, answer, answer.Length, 0);
            if (length < 0)
            {
                throw LastError();
            }

            // Anything else is an error: there is no such socket.
            var isFound =
                length >= InodePosition + 4 && BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(4)) == ByFamily;
            var inode = isFound ? BinaryPrimitives.ReadUInt32LittleEndian(answer.AsSpan(InodePosition)) : 0;
            return inode == 0 ? null : inode;
        }
        finally
        {
            _ = Close(socket);
        }
    }

    private static byte[] Question(IPEndPoint local, IPEndPoint remote)
    {
        var bytes = new byte[HeaderBytes + QuestionBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), ByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), IsRequest);
        var question = bytes.AsSpan(HeaderBytes);
        question[0] = InternetFamily;
        question[1] = Tcp;
        BinaryPrimitives.WriteUInt32LittleEndian(question[4..], uint.MaxValue);
        var id = question[8..];
        BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(id[2..], (ushort)remote.Port);
        local.Address.MapToIPv4().TryWriteBytes(id[4..], out _);
        remote.Address.MapToIPv4().TryWriteBytes(id[20..], out _);

        // No cookie: whichever socket it is.
        id[^8..].Fill(byte.MaxValue);
        return bytes;
    }

    private static IOException LastError()
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"The kernel could not be asked for a socket: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, byte[] bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int socket, byte[] bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int socket);
}
