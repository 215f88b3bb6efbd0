using Spillway.History.Storage;

namespace Spillway.TestKit;

/// <summary>The content of a file on a <see cref="SimulatedDisk"/>: what a reader sees, what is on the platter, and the writes between the two.</summary>
/// <param name="identity">What tells it from all others.</param>
internal sealed class SimulatedFile(FileIdentity identity)
{
    private const int LargestUnit = 4_096; // A page.
    private static readonly int[] Units = [1, 512, LargestUnit]; // What a power loss leaves whole: in the worst case nothing but a byte.

    private readonly List<Change> _unsynced = [];
    private byte[] _seen = [];
    private byte[] _kept = [];

    public FileIdentity Identity { get; } = identity;

    public long Length { get; private set; }

    /// <summary>How many changes are not synced.</summary>
    public int Unsynced => _unsynced.Count;

    private long KeptLength { get; set; }

    public int Read(long at, Span<byte> bytes)
    {
        var length = (int)Math.Clamp(Length - at, 0, bytes.Length);
        _seen.AsSpan((int)Math.Min(at, Length), length).CopyTo(bytes);
        return length;
    }

    public void Write(long at, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var change = new Change((int)at, bytes.ToArray(), Math.Max(Length, at + bytes.Length));
        _unsynced.Add(change);
        Length = Put(ref _seen, Length, change);
    }

    public void SetLength(long length)
    {
        var change = new Change((int)length, null, length);
        _unsynced.Add(change);
        Length = Put(ref _seen, Length, change);
    }

    /// <summary>Keeps the oldest changes.</summary>
    public void Sync(int changes)
    {
        changes = Math.Min(changes, _unsynced.Count);
        foreach (var change in _unsynced.Take(changes))
        {
            KeptLength = Put(ref _kept, KeptLength, change);
        }

        _unsynced.RemoveRange(0, changes);
    }

    /// <summary>A sync that fails: some of the writes come through, the others never will, whatever a later sync says; a reader still sees them all.</summary>
    public void FailSync(Random random)
    {
        foreach (var change in _unsynced.Where(_ => random.Next(2) == 0))
        {
            KeptLength = Put(ref _kept, KeptLength, change);
        }

        _unsynced.Clear();
    }

    /// <summary>What was not synced is lost, torn or reordered, or comes through.</summary>
    public void LosePower(Random random)
    {
        var fate = random.Next(4);
        var unit = Units[random.Next(Units.Length)];
        var survivors = fate switch { 0 => 0, 1 => _unsynced.Count, 2 => random.Next(_unsynced.Count + 1), _ => -1 };
        for (var i = 0; i < _unsynced.Count; i++)
        {
            if (survivors < 0 ? random.Next(2) == 0 : i < survivors)
            {
                KeptLength = Put(ref _kept, KeptLength, _unsynced[i]);
            }
            else if (fate >= 2)
            {
                Tear(_unsynced[i], unit, random);
            }
        }

        _unsynced.Clear();
        _seen = _kept.AsSpan(0, (int)KeptLength).ToArray();
        Length = KeptLength;
    }

    /// <summary>Keeps some units of a write, and where it made the file longer perhaps the length alone: then zeros or foreign bytes are in it.</summary>
    private void Tear(Change change, int unit, Random random)
    {
        if (change.Bytes is not { } bytes)
        {
            return;
        }

        if (unit == 1)
        {
            KeptLength = Put(ref _kept, KeptLength, change with { Bytes = bytes[..random.Next(bytes.Length)], Length = 0 });
            return;
        }

        if (random.Next(2) == 0 && change.Length > KeptLength)
        {
            var from = KeptLength;
            KeptLength = Put(ref _kept, KeptLength, new Change((int)change.Length, null, change.Length));
            if (random.Next(4) == 0)
            {
                random.NextBytes(_kept.AsSpan((int)from, (int)(KeptLength - from)));
            }
        }

        for (var at = 0; at < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, (((change.At + at) / unit) + 1) * unit - change.At);
            if (random.Next(2) == 0)
            {
                KeptLength = Put(ref _kept, KeptLength, new Change(change.At + at, bytes[at..end], 0));
            }

            at = end;
        }
    }

    private static long Put(ref byte[] image, long length, Change change)
    {
        var end = change.Bytes is { } bytes ? Math.Max(length, change.At + bytes.Length) : change.Length;
        if (end > image.Length)
        {
            Array.Resize(ref image, (int)Math.Max(end, image.Length * 2L));
        }

        if (end < length)
        {
            image.AsSpan((int)end, (int)(length - end)).Clear();
        }

        change.Bytes?.CopyTo(image, change.At);
        return end;
    }

    /// <param name="Bytes">Null: the file gets its length.</param>
    /// <param name="Length">Of the file afterwards.</param>
    private sealed record Change(int At, byte[]? Bytes, long Length);
}
