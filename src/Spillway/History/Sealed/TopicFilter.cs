using System.Buffers.Binary;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>
/// The Bloom filter of a segment's topics, in blocks of 64 bytes: all bits of a topic lie in one block, so that one small read answers. A block that fails its checksum
/// answers "perhaps".
/// </summary>
/// <remarks>A block: 60 bytes of bits, then the CRC-32C of them, begun with the block's number. 12 bits a topic on average; about one topic in a hundred is taken for present.</remarks>
internal static class TopicFilter
{
    public const int BlockLength = 64;

    private const int BitBytes = 60;
    private const int TopicsPerBlock = 40;
    private const int BitsPerTopic = 6;

    public static int BlocksFor(int topics) => (topics + TopicsPerBlock - 1) / TopicsPerBlock;

    /// <summary>Makes the filter; <paramref name="filter"/> is zero and as long as its blocks.</summary>
    public static void Build(TopicTable topics, ulong salt, Span<byte> filter)
    {
        var blocks = filter.Length / BlockLength;
        for (var number = 0; number < topics.Count; number++)
        {
            var hash = StableHash.Of(topics.NameOf(number), salt);
            var block = filter.Slice(BlockOf(hash, blocks) * BlockLength, BitBytes);
            for (var i = 0; i < BitsPerTopic; i++)
            {
                var bit = BitOf(hash, i);
                block[bit >> 3] |= (byte)(1 << (bit & 7));
            }
        }

        for (var number = 0; number < blocks; number++)
        {
            var block = filter.Slice(number * BlockLength, BlockLength);
            BinaryPrimitives.WriteUInt32LittleEndian(block[BitBytes..], RecordChecksum.Compute(block[..BitBytes], (uint)number));
        }
    }

    public static int BlockOf(ulong hash, int blocks) => (int)(((hash >> 32) * (ulong)blocks) >> 32);

    /// <summary>Whether a topic with this hash may be there, by its block.</summary>
    public static bool MayHold(ReadOnlySpan<byte> block, ulong hash, int number)
    {
        if (!Passes(block, number))
        {
            return true;
        }

        for (var i = 0; i < BitsPerTopic; i++)
        {
            var bit = BitOf(hash, i);
            if ((block[bit >> 3] & (1 << (bit & 7))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a block passes its checksum.</summary>
    public static bool Passes(ReadOnlySpan<byte> block, int number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[BitBytes..]) == RecordChecksum.Compute(block[..BitBytes], (uint)number);

    private static int BitOf(ulong hash, int i) => (int)((((hash * 0xD6E8_FEB8_6659_FD93) >> (4 + (i * 10))) & 1_023) * (BitBytes * 8) / 1_024);
}
