using System.Text;

namespace Spillway.Tests.History.Format;

/// <summary>The file <c>state</c>, read as docs/history-format.md says.</summary>
internal sealed class FormatState
{
    private const int Distance = 2_048;

    public FormatState(string path)
    {
        var file = File.ReadAllBytes(path);
        for (var at = 0; at < file.Length; at += Distance)
        {
            var bytes = new Bytes(file, at, file.Length);
            if (Encoding.ASCII.GetString(bytes.Raw(8)) != "SPWSTATE")
            {
                continue; // Not written yet.
            }

            Assert.Equal(1u, bytes.U32());
            var (checksum, length, ancestors) = (bytes.U32(), (int)bytes.U32(), (int)bytes.U32());
            Assert.Equal(72 + (16 * ancestors), length);
            Assert.Equal(checksum, Bytes.Checksum(file.AsSpan(at, length), zeroAt: 12));
            if (bytes.U64() is var number && number > Number)
            {
                (Number, Epoch, UsedUpTo, Next, FileNumber, FileBirth) = (number, bytes.U64(), bytes.I64(), bytes.I64(), bytes.U64(), bytes.I64());
                Ancestors = [.. Enumerable.Range(0, ancestors).Select(_ => (bytes.U64(), bytes.I64()))];
            }
        }
    }

    public ulong Number { get; }

    public ulong Epoch { get; }

    public long UsedUpTo { get; }

    public long Next { get; }

    public ulong FileNumber { get; }

    /// <summary>In nanoseconds since 1970.</summary>
    public long FileBirth { get; }

    public (ulong Epoch, long Last)[] Ancestors { get; } = [];
}
