// Fuzz of the Raft port, with a fixed number of inputs: random bytes, and requests that members could send with some of
// their bits turned, in the name of nobody and of members. Nobody ends, nobody loses leadership, and memory is bounded.
using System.Net;
using System.Net.Sockets;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Transport;
using static RaftLocks.Node.Tests.Raft.HostileScene;
using static RaftLocks.Node.Tests.Raft.RaftMessages;

namespace RaftLocks.Node.Tests.Raft;

public sealed class RaftPortFuzzTests
{
    private const int Inputs = 3000;
    private const int InputsOfGuard = 100_000;
    private const int Workers = 4;
    private static readonly TimeSpan Listen = TimeSpan.FromMilliseconds(20);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Whatever_strangers_send_no_node_ends_or_loses_leadership()
    {
        await using var scene = await StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(
            Enumerable
                .Range(0, Workers)
                .Select(worker =>
                    Task.Run(async () =>
                    {
                        var random = new Random(worker);
                        for (var i = 0; i < Inputs / Workers; i++)
                        {
                            var node = scene.Nodes[random.Next(scene.Nodes.Count)];
                            await SendAsync(node, Mutated(random, Request(random, Nobody, scene.Term)), random);
                        }
                    })
                )
        );
        await scene.NobodyFellAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
    }

    [Fact]
    public void Whatever_arrives_the_guard_refuses_it_or_waits_for_more_or_hands_it_on()
    {
        var member = new IPEndPoint(IPAddress.Loopback, 7010);
        var admission = new ScriptedAdmission { Members = { [member] = "n2" } };
        var (handedOn, refused) = (0, 0);
        for (var seed = 0; seed < InputsOfGuard; seed++)
        {
            var random = new Random(seed);
            var request = Request(random, member, admission.Term);
            if (random.Next(4) > 0)
            {
                request = Mutated(random, request);
            }

            try
            {
                handedOn += new RequestGuard(admission, names: null).Check(request) ? 1 : 0;
            }
            catch (RefusedException)
            {
                refused++;
            }
        }

        // Inputs that are all refused at their first byte would test nothing.
        Assert.InRange(handedOn, InputsOfGuard / 10, InputsOfGuard);
        Assert.InRange(refused, InputsOfGuard / 10, InputsOfGuard);
    }

    private static async Task SendAsync(RaftNode node, byte[] bytes, Random random)
    {
        using var socket = await ConnectAsync(node);
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var count = Math.Min(bytes.Length - sent, random.Next(1, bytes.Length + 1));
                await socket.SendAsync(bytes.AsMemory(sent, count));
                sent += count;
            }

            // Some go at once, some listen for a while.
            if (random.Next(2) == 0)
            {
                using var bound = new CancellationTokenSource(Listen);
                await socket.ReceiveAsync(new byte[100], bound.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The node has closed the connection, or waits for more.
        }
    }

    private static byte[] Request(Random random, EndPoint sender, long term) =>
        random.Next(8) switch
        {
            0 => Vote(sender, term + random.Next(3), random.Next(10), term, random.Next(2) == 0),
            1 => Append(sender, term + random.Next(3), random.Next(10), term, random.Next(10)),
            2 => [.. Append(sender, term, random.Next(10), term, 0, 1), .. Entry(term, Noise(random, 200))],
            3 =>
            [
                .. Append(sender, term, random.Next(10), term, 0, 2),
                .. Entry(term, Noise(random, 9)),
                .. Entry(term, []),
            ],
            4 => Install(
                sender,
                term,
                random.Next(1, 100),
                random.Next(100),
                MemberCodec.Encode([]),
                Noise(random, 200)
            ),
            5 => Synchronize(random.Next()),
            6 => [(byte)random.Next(256)],
            _ => Noise(random, 2000),
        };

    private static byte[] Mutated(Random random, byte[] request)
    {
        var mutated = (byte[])request.Clone();
        for (var turns = random.Next(3); turns > 0 && mutated.Length > 0; turns--)
        {
            mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(4) switch
        {
            0 => mutated[..random.Next(1, mutated.Length + 1)],
            1 => [.. mutated, .. Noise(random, 100)],
            _ => mutated,
        };
    }

    private static byte[] Noise(Random random, int most)
    {
        var noise = new byte[random.Next(1, most)];
        random.NextBytes(noise);
        return noise;
    }
}
