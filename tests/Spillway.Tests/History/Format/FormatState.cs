using System.Text;

namespace Spillway.Tests.History.Format;

/// <summary>The file <c>state</c>, read as docs/history-format.md says.</summary>
internal sealed class FormatState
{
    private const int Length = 64;
    private const int Distance = 512;

    public FormatState(string path)
    {
        var file = File.ReadAllBytes(path);
        for (var at = 0; at + Length <= file.Length; at += Distance)
        {
            var bytes = new Bytes(file, at, at + Length);
            if (Encoding.ASCII.GetString(bytes.Raw(8)) != "SPWSTATE")
            {
                continue; // Not written yet.
            }

            Assert.Equal(1u, bytes.U32());
            Assert.Equal(bytes.U32(), Bytes.Checksum(file.AsSpan(at, Length), zeroAt: 12));
            if (bytes.U64() is var number && number > Number)
            {
                (Number, Epoch, UsedUpTo, Next) = (number, bytes.U64(), bytes.I64(), bytes.I64());
                Assert.All(bytes.Raw(Length - 48), static value => Assert.Equal(0, value));
            }
        }
    }

    public ulong Number { get; }

    public ulong Epoch { get; }

    public long UsedUpTo { get; }

    public long Next { get; }
}
