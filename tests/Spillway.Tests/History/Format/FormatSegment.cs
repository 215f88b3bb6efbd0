using System.Text;

namespace Spillway.Tests.History.Format;

/// <summary>A segment's file, read as docs/history-format.md says.</summary>
internal sealed class FormatSegment
{
    private const int Copy = 64;

    public FormatSegment(string path)
    {
        var file = File.ReadAllBytes(path);
        FileLength = file.Length;
        var bytes = new Bytes(file, 0, Copy);
        Assert.Equal("SPWSEGMT", Encoding.ASCII.GetString(bytes.Raw(8)));
        Assert.Equal(1u, bytes.U32());
        Assert.Equal(bytes.U32(), Bytes.Checksum(file.AsSpan(0, Copy), zeroAt: 12));
        (Epoch, Before, Number, Seed, Synced, Parent) = (bytes.U64(), bytes.I64(), bytes.U64(), bytes.U32(), bytes.I64(), bytes.U64());
        Cleaned = bytes.U32();
        Assert.Equal(file[..Copy], file[Copy..(2 * Copy)]);
        Assert.Equal($"{Before + 1:D20}-{Number:D10}{(Cleaned > 0 ? $".{Cleaned}" : "")}.segment", Path.GetFileName(path));
        for (var at = 2 * Copy; at < file.Length; at += Records[^1].Length)
        {
            Records.Add(new FormatRecord(file, at, Seed));
        }
    }

    public ulong Epoch { get; }

    public long Before { get; }

    public ulong Number { get; }

    public uint Seed { get; }

    public long Synced { get; }

    /// <summary>The epoch from which the history branched off; 0: from none.</summary>
    public ulong Parent { get; }

    /// <summary>How often retention has cleaned it.</summary>
    public uint Cleaned { get; }

    public int FileLength { get; }

    public List<FormatRecord> Records { get; } = [];
}
