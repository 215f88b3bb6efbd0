using System.Text;

namespace Spillway.Tests.History.Format;

/// <summary>A sidecar, read as docs/history-format.md says.</summary>
internal sealed class FormatSidecar
{
    private const int FixedLength = 192;
    private const int BlockLength = 64;
    private const int TopicsPerPiece = 32;
    private const int RecordsPerPiece = 256;

    private readonly byte[] _file;
    private readonly int _blocks;
    private readonly ulong _salt;

    public FormatSidecar(string path)
    {
        _file = File.ReadAllBytes(path);
        var bytes = new Bytes(_file, 0, FixedLength);
        Assert.Equal("SPWINDEX", Encoding.ASCII.GetString(bytes.Raw(8)));
        Assert.Equal(1u, bytes.U32());
        var checksum = bytes.U32();
        HeadLength = (int)bytes.U32();
        Assert.Equal((0, 0u), (HeadLength % BlockLength, bytes.U32()));
        Assert.Equal(checksum, Bytes.Checksum(_file.AsSpan(0, HeadLength), zeroAt: 12));
        (Epoch, Number, Before, Last) = (bytes.U64(), bytes.U64(), bytes.I64(), bytes.I64());
        (LeastTime, GreatestTime, RecordBytes, FileLength) = (bytes.I64(), bytes.I64(), bytes.I64(), bytes.I64());
        (Seed, var records, PublicEvents, PrivateEvents) = (bytes.U32(), (int)bytes.U32(), bytes.U32(), bytes.U32());
        var topics = (int)bytes.U32();
        (_blocks, _salt) = ((int)bytes.U32(), bytes.U64());
        var (topicsLength, topicsChecksum, recordsLength, recordsChecksum) = ((int)bytes.U32(), bytes.U32(), (int)bytes.U32(), bytes.U32());
        ReadLists([(int)bytes.U32(), (int)bytes.U32(), (int)bytes.U32(), (int)bytes.U32()]);
        Cleaned = bytes.U32();
        Assert.All(bytes.Raw(FixedLength - 156), static value => Assert.Equal(0, value));
        CheckFilter();

        var at = HeadLength + (_blocks * BlockLength);
        var topicPieces = ReadDirectory(ref at, (topics + TopicsPerPiece - 1) / TopicsPerPiece, topicsChecksum);
        var recordPieces = ReadDirectory(ref at, (records + RecordsPerPiece - 1) / RecordsPerPiece, recordsChecksum);
        ReadPieces(topicPieces, at, topicsLength, (piece, number) => ReadTopics(piece, Math.Min(TopicsPerPiece, topics - (number * TopicsPerPiece))));
        ReadPieces(recordPieces, at + topicsLength, recordsLength, (piece, number) => ReadRecords(piece, Math.Min(RecordsPerPiece, records - (number * RecordsPerPiece))));
        Assert.Equal(_file.Length, at + topicsLength + recordsLength);
    }

    public int HeadLength { get; }

    public ulong Epoch { get; }

    public ulong Number { get; }

    public long Before { get; }

    public long Last { get; }

    public long LeastTime { get; }

    public long GreatestTime { get; }

    public long RecordBytes { get; }

    public long FileLength { get; }

    public uint Seed { get; }

    public uint PublicEvents { get; }

    public uint PrivateEvents { get; }

    public uint Cleaned { get; }

    public int Holes { get; private set; }

    public int DamagedStretches { get; private set; }

    public List<(long Offset, string Topic)> Ends { get; } = [];

    public List<ulong> Sketch { get; } = [];

    public List<FormatTopic> Topics { get; } = [];

    public List<FormatEntry> Records { get; } = [];

    /// <summary>The hash of a topic.</summary>
    public static ulong Hash(string topic, ulong salt)
    {
        const ulong A = 0x9E37_79B9_7F4A_7C15, B = 0xC2B2_AE3D_27D4_EB4F, C = 0x1656_67B1_9E37_79F9;
        var name = Encoding.UTF8.GetBytes(topic);
        var bytes = new Bytes(name, 0, name.Length);
        var hash = salt ^ A ^ (ulong)name.Length;
        while (name.Length - bytes.At >= 8)
        {
            hash = Fold(bytes.U64() ^ B, hash ^ C);
        }

        var rest = 0UL;
        while (!bytes.IsAtEnd)
        {
            rest = (rest * 256) + bytes.U8();
        }

        return Fold(Fold(rest ^ B, hash ^ A) ^ C, A);

        static ulong Fold(ulong a, ulong b)
        {
            var product = (UInt128)a * b;
            return (ulong)(product >> 64) ^ (ulong)product;
        }
    }

    /// <summary>Whether the filter says that the segment may hold a topic.</summary>
    public bool MayHold(string topic)
    {
        var hash = Hash(topic, _salt);
        var block = HeadLength + ((int)(((hash >> 32) * (ulong)_blocks) >> 32) * BlockLength);
        return Enumerable.Range(0, 6).Select(i => (int)((((hash * 0xD6E8_FEB8_6659_FD93) >> (4 + (10 * i))) % 1_024) * 480 / 1_024))
            .All(bit => (_file[block + (bit / 8)] & (1 << (bit % 8))) != 0);
    }

    private void ReadLists(int[] counts)
    {
        var bytes = new Bytes(_file, FixedLength, HeadLength);
        (Holes, DamagedStretches) = (counts[0], counts[1]);
        bytes.Raw((Holes * 8) + (DamagedStretches * 16));
        for (var i = 0; i < counts[2]; i++)
        {
            Ends.Add((bytes.I64(), Encoding.UTF8.GetString(bytes.Raw(bytes.U16()))));
        }

        for (var i = 0; i < counts[3]; i++)
        {
            Sketch.Add(bytes.U64());
        }

        Assert.InRange(HeadLength - bytes.At, 0, BlockLength - 1);
        Assert.All(bytes.Raw(HeadLength - bytes.At), static value => Assert.Equal(0, value));
    }

    private void CheckFilter()
    {
        for (var number = 0; number < _blocks; number++)
        {
            var at = HeadLength + (number * BlockLength);
            Assert.Equal(new Bytes(_file, at + 60, at + BlockLength).U32(), Bytes.Checksum(_file.AsSpan(at, 60), (uint)number));
        }
    }

    private List<(int End, uint Checksum)> ReadDirectory(ref int at, int pieces, uint checksum)
    {
        var bytes = new Bytes(_file, at, at + (pieces * 8));
        Assert.Equal(checksum, Bytes.Checksum(_file.AsSpan(at, pieces * 8)));
        at += pieces * 8;
        var directory = new List<(int, uint)>();
        for (var i = 0; i < pieces; i++)
        {
            directory.Add(((int)bytes.U32(), bytes.U32()));
        }

        return directory;
    }

    private void ReadPieces(List<(int End, uint Checksum)> directory, int at, int length, Action<Bytes, int> read)
    {
        var start = 0;
        for (var number = 0; number < directory.Count; number++)
        {
            var (end, checksum) = directory[number];
            Assert.Equal(checksum, Bytes.Checksum(_file.AsSpan(at + start, end - start), (uint)number));
            var piece = new Bytes(_file, at + start, at + end);
            read(piece, number);
            Assert.True(piece.IsAtEnd);
            start = end;
        }

        Assert.Equal(length, start);
    }

    private void ReadTopics(Bytes piece, int count)
    {
        var name = Array.Empty<byte>();
        for (var i = 0; i < count; i++)
        {
            var shared = (int)piece.Leb128();
            Assert.True(i > 0 || shared == 0);
            name = [.. name[..shared], .. piece.Raw((int)piece.Leb128())];
            var (publicEvents, privateEvents, behind) = (piece.Leb128(), piece.Leb128(), (long)piece.Leb128());
            var records = new List<int>();
            for (var left = piece.Leb128(); left > 0; left--)
            {
                records.Add((records.Count > 0 ? records[^1] : -1) + (int)piece.Leb128());
            }

            Topics.Add(new FormatTopic(Encoding.UTF8.GetString(name), (int)publicEvents, (int)privateEvents, GreatestTime - behind, [.. records]));
        }
    }

    private void ReadRecords(Bytes piece, int count)
    {
        var (before, start, leastTime) = (Before + (long)piece.Leb128(), (int)piece.Leb128(), LeastTime + (long)piece.Leb128());
        for (var i = 0; i < count; i++)
        {
            var (head, length, distance) = (piece.Leb128(), (int)piece.Leb128(), (int)piece.Leb128());
            before += (long)(head / 8) + 1;
            Records.Add(new FormatEntry(before, start, length, (int)(head % 8), distance == 0 ? null : Records.Count + distance, leastTime));
            start += length;
        }
    }
}
