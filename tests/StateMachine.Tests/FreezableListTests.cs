// The list that the state is frozen with, against an ordinary one: several frozen copies of different ages, each as it
// was.
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RaftLocks.StateMachine.State;

namespace RaftLocks.StateMachine.Tests;

public class FreezableListTests
{
    [Property(MaxTest = 200)]
    public void A_frozen_list_stays_as_it_was(NonNegativeInt seed)
    {
        var (list, model) = (new FreezableList<long>(), new List<long>());
        var frozen = new List<(FrozenList<long> List, long[] Was)>();
        var step = (ulong)seed.Get;
        for (var i = 0; i < 3_000; i++)
        {
            step = (step * 6364136223846793005) + 1442695040888963407;
            var at = model.Count == 0 ? 0 : (int)((step >> 33) % (ulong)model.Count);
            switch ((step >> 20) % 16)
            {
                case 0:
                    frozen.Add((list.Freeze(), [.. model]));
                    break;
                case < 3 when model.Count > 0:
                    list.RemoveLast();
                    model.RemoveAt(model.Count - 1);
                    break;
                case < 7 when model.Count > 0:
                    list.Change(at) = i;
                    model[at] = i;
                    break;
                default:
                    list.Add(i);
                    model.Add(i);
                    break;
            }
        }

        Assert.All(frozen, pair => Assert.Equal(pair.Was, pair.List.ToArray()));
        Assert.Equal(model, list.Freeze().ToArray());
        Assert.Equal(model.Count, list.Count);
    }
}
