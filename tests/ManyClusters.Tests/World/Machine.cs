// A machine of a cluster: a disk that stays, and a process that comes and goes.
using RaftLocks.ManyClusters.Disk;
using RaftLocks.ManyClusters.Network;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.ManyClusters.World;

/// <summary>What a machine is doing.</summary>
internal enum MachineState
{
    /// <summary>It was never started.</summary>
    Unused,

    /// <summary>Its process is not running, and will be started again.</summary>
    Down,

    /// <summary>Its process is opening its data.</summary>
    Starting,

    /// <summary>Its process runs.</summary>
    Up,

    /// <summary>It was removed from the cluster for good.</summary>
    Removed,
}

/// <summary>A machine.</summary>
/// <param name="number">From 0 on.</param>
/// <param name="disk">Its disk.</param>
internal sealed class Machine(int number, MemoryDisk disk)
{
    /// <summary>From 0 on.</summary>
    public int Number { get; } = number;

    /// <summary>Its disk.</summary>
    public MemoryDisk Disk { get; } = disk;

    /// <summary>Its name as a member.</summary>
    public string Name { get; } = NameOf(number);

    /// <summary>What it is doing.</summary>
    public MachineState State { get; set; }

    /// <summary>Its process.</summary>
    public RaftNode? Node { get; set; }

    /// <summary>Its process' way to the disk.</summary>
    public MemoryFileSystem? Files { get; set; }

    /// <summary>Its process' way to the others.</summary>
    public MemoryNetwork.ProcessNetwork? Network { get; set; }

    /// <summary>What it leads, if it leads.</summary>
    public Leadership? Leadership { get; set; }

    /// <summary>Whether its disk misbehaved while the process ran, so that the process may end for it.</summary>
    public bool DiskWasFaulty { get; set; }

    /// <summary>Counts its processes.</summary>
    public int Lives { get; set; }

    /// <summary>The name of a machine.</summary>
    public static string NameOf(int number) => $"n{number + 1}";

    /// <summary>The machine as a member with the data that it has.</summary>
    public Member AsMember() => MemberOf(Number) with { Incarnation = Node!.Incarnation };

    /// <summary>A machine as a member whose data nobody has looked at.</summary>
    public static Member MemberOf(int number)
    {
        var address = MemoryNetwork.AddressOf(number);
        var url = new Uri($"http://{address.Address}:1");
        return new Member(NameOf(number), address.Address.ToString(), address.Port, url, url);
    }
}
