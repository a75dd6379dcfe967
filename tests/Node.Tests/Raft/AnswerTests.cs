// What answers in a member's place must not end the cluster either.
using System.Buffers.Binary;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft.Transport;
using static RaftLocks.Node.Tests.Raft.RaftMessages;

namespace RaftLocks.Node.Tests.Raft;

public sealed class AnswerTests : IDisposable
{
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 7010);
    private readonly ScriptedAdmission admission = new() { Members = { [Second] = "n2" } };
    private readonly OneStream network = new();
    private readonly RaftTransport transport;

    public AnswerTests() =>
        transport = new RaftTransport(
            new TransportOptions(network)
            {
                ConnectTimeoutMs = 1000,
                PreVoteMs = 1000,
                VoteMs = 1000,
                ElectionGraceMs = 1000,
                ReplicationGraceMs = 1000,
            },
            admission,
            () => 3,
            TimeProvider.System,
            NullLogger.Instance,
            (_, _) => { }
        );

    public void Dispose() => transport.Dispose();

    [Fact]
    public async Task An_answer_of_a_member_is_handed_on()
    {
        var buffer = new byte[100];
        Assert.Equal(17, await AskAsync(Append(Second, 5), Answer(admission.Term + 1, 17), buffer));
        Assert.Equal(admission.Term + 1, BinaryPrimitives.ReadInt64LittleEndian(buffer));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(6 + TransportLimits.MaxTermJump)]
    public async Task An_answer_of_a_term_beyond_all_others_is_refused(long term)
    {
        foreach (
            var request in new[] { Append(Second, 5), Vote(Second, 6, 1, 5), Vote(Second, 6, 1, 5, isPreVote: true) }
        )
        {
            await Assert.ThrowsAsync<IOException>(() => AskAsync(request, Answer(term, 9), new byte[100]));
        }

        Assert.Equal(3, admission.Refused.Count);
    }

    [Fact]
    public async Task A_term_that_comes_byte_by_byte_is_read_whole()
    {
        network.PieceBytes = 1;
        await Assert.ThrowsAsync<IOException>(() => AskAsync(Append(Second, 5), Answer(-1, 17), new byte[100]));
    }

    [Fact]
    public async Task An_answer_without_end_is_refused()
    {
        await Assert.ThrowsAsync<IOException>(() => AskAsync(Append(Second, 5), Answer(5, 18), new byte[100]));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            network.Answer = new byte[TransportLimits.MaxMetadataBytes + 1];
            await using var connection = (RaftConnection)await transport.ConnectAsync(Second);
            await connection.WriteAsync(new[] { RequestFormat.Metadata }, CancellationToken.None);
            while (await connection.ReadAsync(new byte[1000], CancellationToken.None) > 0)
            {
                // The library would keep it all.
            }
        });
    }

    private static byte[] Answer(long term, int bytes)
    {
        var answer = new byte[bytes];
        BinaryPrimitives.WriteInt64LittleEndian(answer, term);
        return answer;
    }

    private async Task<int> AskAsync(byte[] request, byte[] answer, byte[] buffer)
    {
        network.Answer = answer;
        await using var connection = (RaftConnection)await transport.ConnectAsync(Second);
        await connection.WriteAsync(request, CancellationToken.None);
        return await connection.ReadAsync(buffer, CancellationToken.None);
    }

    /// <summary>A member that gives one answer, whatever it is asked.</summary>
    private sealed class OneStream : IRaftNetwork
    {
        public byte[] Answer { get; set; } = [];

        public int PieceBytes { get; set; } = int.MaxValue;

        public IRaftListener Listen(EndPoint endPoint) => throw new NotSupportedException();

        public ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token) =>
            ValueTask.FromResult<Stream>(new Pieces(Answer, PieceBytes));

        private sealed class Pieces(byte[] answer, int pieceBytes) : MemoryStream(answer, writable: false)
        {
            public override ValueTask<int> ReadAsync(
                Memory<byte> buffer,
                CancellationToken cancellationToken = default
            ) => base.ReadAsync(buffer[..Math.Min(buffer.Length, pieceBytes)], cancellationToken);

            public override ValueTask WriteAsync(
                ReadOnlyMemory<byte> buffer,
                CancellationToken cancellationToken = default
            ) => ValueTask.CompletedTask;
        }
    }
}
