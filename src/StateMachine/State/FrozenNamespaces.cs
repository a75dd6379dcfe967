// All namespaces and their counters as they stood when the state was frozen.
namespace RaftLocks.StateMachine.State;

internal readonly struct FrozenNamespaces(FrozenList<ActiveSlot> active, FrozenList<EmptyNamespaces.Place> empty)
{
    /// <summary>In byte order.</summary>
    public List<(byte[] Name, ulong LastId)> ToSortedList()
    {
        var places = empty.ToArray();
        var slots = active.ToArray();
        var all = new List<(byte[] Name, ulong LastId)>(places.Length + slots.Length);
        foreach (var slot in slots)
        {
            all.Add((slot.Space.Key, slot.LastId));
        }

        foreach (var place in places)
        {
            if (place.Name is not null)
            {
                all.Add((place.Name, place.LastId));
            }
        }

        all.Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        return all;
    }
}
