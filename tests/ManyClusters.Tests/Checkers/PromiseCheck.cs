// Promises, seen from outside: who was elected in which term, and for whom each machine has voted, by the vote file as
// it lies on its disk.
using System.Buffers.Binary;

namespace RaftLocks.ManyClusters.Checkers;

/// <summary>At most one leader in a term, and one vote of each machine.</summary>
internal sealed class PromiseCheck(Action<string, string> violation)
{
    // magic 4 | version 4 | term 8 | voted 1 | member id 28 | CRC-32 4
    private const int TermAt = 8;
    private const int VotedAt = TermAt + 8;
    private const int MemberAt = VotedAt + 1;
    private const int FileBytes = MemberAt + 28 + 4;

    private readonly Lock gate = new();
    private readonly Dictionary<long, string> leaders = [];
    private readonly Dictionary<(string Machine, long Term), string> votes = [];
    private readonly Dictionary<string, long> terms = [];

    /// <summary>A machine leads.</summary>
    public void Leads(string machine, long term)
    {
        lock (gate)
        {
            if (!leaders.TryAdd(term, machine) && leaders[term] != machine)
            {
                violation("one leader in a term", $"{leaders[term]} and {machine} lead in term {term}");
            }
        }
    }

    /// <summary>A machine's vote file was replaced.</summary>
    public void Promised(string machine, byte[] file)
    {
        if (file.Length != FileBytes)
        {
            return;
        }

        var term = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(TermAt));
        lock (gate)
        {
            if (terms.TryGetValue(machine, out var known) && term < known)
            {
                violation("terms never decrease", $"{machine} goes from term {known} to {term}");
            }

            terms[machine] = term;
            if (file[VotedAt] == 0)
            {
                return;
            }

            var member = Convert.ToHexString(file.AsSpan(MemberAt, 28));
            if (!votes.TryAdd((machine, term), member) && votes[(machine, term)] != member)
            {
                violation("one vote in a term", $"{machine} votes twice in term {term}");
            }
        }
    }
}
