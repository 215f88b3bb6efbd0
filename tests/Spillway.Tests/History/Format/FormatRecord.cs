using System.Text;

namespace Spillway.Tests.History.Format;

/// <summary>A record, read as docs/history-format.md says.</summary>
internal sealed class FormatRecord
{
    private readonly List<(byte Tag, byte[] Value)> _fields = [];

    public FormatRecord(byte[] file, int at, uint seed)
    {
        var length = 4 + (int)new Bytes(file, at, file.Length).U32();
        var bytes = new Bytes(file, at, at + length);
        bytes.U32();
        Assert.Equal(bytes.U32(), Bytes.Checksum(file.AsSpan(at + 8, length - 8), seed));
        (Start, Length, Offset, Time, Flags, GoesOn, Place) = (at, length, bytes.I64(), bytes.I64(), bytes.U8(), bytes.U8(), bytes.U16());
        Assert.Equal(0u, bytes.U32());
        while (!bytes.IsAtEnd)
        {
            _fields.Add((bytes.U8(), bytes.Raw((int)bytes.Leb128())));
        }
    }

    public int Start { get; }

    public int Length { get; }

    public long Offset { get; }

    public long Time { get; }

    public byte Flags { get; }

    public byte GoesOn { get; }

    public ushort Place { get; }

    public IEnumerable<string> Topics => _fields.Where(static entry => entry.Tag == 1).Select(static entry => Encoding.UTF8.GetString(entry.Value));

    /// <summary>A field's bytes; null if it is not there.</summary>
    public byte[]? this[byte tag] => _fields.Find(entry => entry.Tag == tag).Value;

    public string? Text(byte tag) => this[tag] is { } value ? Encoding.UTF8.GetString(value) : null;
}
