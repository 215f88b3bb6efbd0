namespace Spillway.Delivery;

/// <summary>A connection on its way to its loop.</summary>
/// <param name="Strands">Its set, sorted, each once, resolved and referenced for the loop.</param>
/// <param name="ExactOnly">Whether all of them are exact topics.</param>
/// <param name="Birth">The slot before which its strands are not complete.</param>
/// <param name="Slot">The head when the strands were resolved.</param>
/// <param name="SlotOffset">The offset of <paramref name="Slot"/>.</param>
/// <param name="Offset">From where it goes on.</param>
/// <param name="Live">Whether it begins at <paramref name="Slot"/> without looking back.</param>
/// <param name="SnapshotUpTo">0, or: first the newest event of every topic and key up to this offset.</param>
/// <param name="Lost">A gap to be told first: the cursor it came with belongs to another history.</param>
/// <param name="Format">The wire format.</param>
/// <param name="Signals">Whether it wants signals.</param>
internal sealed record Adoption(
    int[] Strands, bool ExactOnly, long Birth, long Slot, long SlotOffset, long Offset, bool Live, long SnapshotUpTo, Gap? Lost, WireFormat Format, bool Signals)
{
    /// <summary>Whether it wants only the newest event of each key while it is slow.</summary>
    public bool Latest { get; init; }

    /// <summary>The least time between two writes of events that it asked for, in milliseconds; 0: none.</summary>
    public int Batch { get; init; }

    /// <summary>What it is as a poll; null: it is a stream.</summary>
    public Poll? Poll { get; init; }

    /// <summary>What names it outside.</summary>
    public ulong Id { get; init; }

    /// <summary>On what terms it stays; null: on none.</summary>
    public Lease? Lease { get; init; }

    /// <summary>Set before it is posted to the loop.</summary>
    public IConnectionOwner? Owner { get; set; }
}
