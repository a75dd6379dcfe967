// A session may have tens of thousands of channels. Each command looks up the live request of its session and channel:
// what it walks past there must not grow with the channels of the session.
using System.Globalization;
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class ChannelCostTests
{
    private const int LongestWalk = 16;

    [Theory]
    [InlineData(64)]
    [InlineData(4_096)]
    [InlineData(65_536)]
    public void A_lookup_walks_past_a_few_requests_however_many_channels_a_session_has(int channels)
    {
        var (machine, events, writer) = (new LockStateMachine(), new EventList(), new EntryWriter());
        var session = new SessionId(new UInt128(1, 2), Resumable: true);
        ReadOnlyMemory<byte> space = "n"u8.ToArray();
        foreach (var numbers in Enumerable.Range(0, channels).Chunk(1_024))
        {
            writer.Begin(1, 1_000);
            foreach (var number in numbers)
            {
                writer.Add(new LockCommand(space, session, Channel(number), PathOf(number), 60_000));
            }

            Assert.Equal(
                ApplyOutcome.Applied,
                machine.Apply(writer.Complete().Span, machine.AppliedIndex + 1, 1, events)
            );
        }

        Assert.All(
            Enumerable.Range(0, channels),
            number =>
            {
                var found = machine.FindRequest(space.Span, session, Channel(number));
                Assert.NotNull(found);
                Assert.InRange(RequestsBehind(found), 0, LongestWalk);
            }
        );
    }

    private static byte[] Channel(int number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static ResourceSet PathOf(int number)
    {
        var resources = new ResourceSetBuilder();
        resources.Begin(Access.Write);
        resources.Segment(Channel(number));
        return resources.Build();
    }

    private static int RequestsBehind(LockRequest request)
    {
        var behind = 0;
        for (var next = request.NextByChannel; next is not null; next = next.NextByChannel)
        {
            behind++;
        }

        return behind;
    }
}
