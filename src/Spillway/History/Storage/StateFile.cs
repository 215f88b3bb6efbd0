using System.Buffers.Binary;

namespace Spillway.History.Storage;

/// <summary>
/// The file <c>state</c> of a history directory. Every write is a new file in the place of the old one, and names the file that it was written into: so what was copied or
/// restored, also over the file that was there, is recognised. Where files cannot be told apart, or there is no room for a new one, it is written in turns into two places of the old one.
/// </summary>
/// <remarks>
/// <code>
///  0  8 bytes  "SPWSTATE"
///  8  u32      version, 1
/// 12  u32      CRC-32C of the copy, to its length, with this field 0
/// 16  u32      length of the copy
/// 20  u32      ancestors, at most 64
/// 24  u64      number of the write; the highest that passes its checksum counts
/// 32  u64      epoch
/// 40  i64      offsets up to this one may have been used
/// 48  i64      after a clean stop: the next offset; else 0
/// 56  u64      number of the file that it was written into (inode); 0: not known
/// 64  i64      when that file was made, nanoseconds since 1970
/// 72           for each ancestor, the newest first: u64 its epoch, i64 the last offset in common
/// </code>
/// There are two copies; the second begins at byte 2,048. Little-endian.
/// </remarks>
internal sealed class StateFile : IDisposable
{
    public const string FileName = "state";
    private const string NextName = "state.next"; // In its place, once whole.
    private const int HeadLength = 72;
    private const int AncestorLength = 16;
    private const int MaxLength = HeadLength + (EpochChain.MaxAncestors * AncestorLength);
    private const int Distance = 2_048; // Sectors of its own each: one torn write never touches both.
    private const uint Version = 1;
    private const int ChecksumAt = 12;

    private readonly IDisk _disk;
    private IDiskFile _file;
    private ulong _number;
    private bool _failed; // Never written nor synced again.
    private (int At, byte[] Bytes)? _unsure; // What was read, until this process has written: its sync may have failed just before, and then it is in the system's memory alone.
    private bool _renaming; // Which file has the name after a power loss is not known.

    private StateFile(IDisk disk, IDiskFile file)
    {
        (_disk, _file) = (disk, file);
    }

    /// <summary>What was written last; null if nothing was, or nothing that passes its checksum.</summary>
    public HistoryState? Last { get; private set; }

    /// <summary>Whether what was read had been written into another file: the directory is a copy, or was restored.</summary>
    public bool IsCopy { get; private set; }

    private static ReadOnlySpan<byte> Magic => "SPWSTATE"u8;

    public static StateFile Open(IDisk disk)
    {
        var isNew = !disk.List().Contains(FileName, StringComparer.Ordinal);
        var file = new StateFile(disk, isNew ? disk.Create(FileName) : disk.Open(FileName, writable: true));
        disk.SyncDirectory(); // What is written to it must not be lost with its name, which may be as new as the last crash.
        if (!isNew)
        {
            file.Read();
        }

        return file;
    }

    public void Write(HistoryState state)
    {
        _number++;
        if (_file.Identity.IsKnown || _failed || _renaming)
        {
            Replace(state);
        }
        else
        {
            WriteInTurn(state);
        }

        Last = state;
    }

    public void Dispose() => _file.Dispose();

    private void Replace(HistoryState state)
    {
        IDiskFile next;
        try
        {
            next = WriteNext(state);
        }
        catch (IOException) when (!_failed && !_renaming)
        {
            WriteInTurn(state); // Needs no room, and a history on a full disk can be read at least.
            return;
        }

        try
        {
            _renaming = true;
            _disk.Rename(NextName, FileName);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file.Dispose();
        (_file, _failed, _unsure) = (next, false, null);
        _disk.SyncDirectory();
        _renaming = false;
    }

    private IDiskFile WriteNext(HistoryState state)
    {
        if (_disk.List().Contains(NextName, StringComparer.Ordinal))
        {
            _disk.Delete(NextName);
            _disk.SyncDirectory(); // Or after a power loss it may be this one that got the name.
        }

        var next = _disk.Create(NextName);
        try
        {
            Span<byte> bytes = stackalloc byte[MaxLength];
            var length = Format(state, next.Identity, bytes);
            next.Write(0, bytes[..length]);
            next.Write(Distance, bytes[..length]);
            next.Sync();
            return next;
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    private void WriteInTurn(HistoryState state)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        var length = Format(state, _file.Identity, bytes);
        try
        {
            if (_unsure is { } read)
            {
                _file.Write(read.At, read.Bytes); // Before the other place is written, which may have all that is on the disk.
                _file.Sync();
                _unsure = null;
            }

            _file.Write((long)(_number & 1) * Distance, bytes[..length]);
            _file.Sync();
        }
        catch (IOException)
        {
            _failed = true;
            throw;
        }
    }

    private int Format(HistoryState state, FileIdentity identity, Span<byte> bytes)
    {
        var ancestors = state.Chain.Ancestors;
        bytes = bytes[..(HeadLength + (ancestors.Count * AncestorLength))];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], ancestors.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], _number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], state.Chain.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], state.Reserved);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], state.Next);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], identity.IsKnown ? identity.Number : 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], identity.IsKnown ? identity.Birth : 0);
        for (var i = 0; i < ancestors.Count; i++)
        {
            var at = HeadLength + (i * AncestorLength);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], ancestors[i].Epoch);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(at + 8)..], ancestors[i].Last);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], RecordChecksum.Compute(bytes, 0));
        return bytes.Length;
    }

    private void Read()
    {
        Span<byte> bytes = stackalloc byte[Distance];
        for (var place = 0; place < 2; place++)
        {
            var length = _file.Read(place * Distance, bytes);
            var asRead = bytes[..length].ToArray();
            if (TryRead(bytes[..length], out var number, out var identity) is { } state && number > _number)
            {
                (_number, Last, IsCopy) = (number, state, identity.IsKnown && identity != _file.Identity);
                _unsure = ((int)(number & 1) * Distance, asRead[..(HeadLength + (state.Chain.Ancestors.Count * AncestorLength))]);
            }
        }
    }

    private static HistoryState? TryRead(Span<byte> bytes, out ulong number, out FileIdentity identity)
    {
        (number, identity) = (0, default);
        if (bytes.Length < HeadLength || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) is var length && (length < HeadLength || length > bytes.Length))
        {
            return null;
        }

        bytes = bytes[..(int)length];
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]);
        bytes.Slice(ChecksumAt, 4).Clear();
        if (checksum != RecordChecksum.Compute(bytes, 0))
        {
            return null;
        }

        FormatVersion.Check(BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), Version);
        number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        identity = new FileIdentity(BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]));
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]) is var count && count != (bytes.Length - HeadLength) / AncestorLength)
        {
            return null;
        }

        var ancestors = new Ancestor[count];
        for (var i = 0; i < ancestors.Length; i++)
        {
            var ancestor = bytes.Slice(HeadLength + (i * AncestorLength), AncestorLength);
            ancestors[i] = new Ancestor(BinaryPrimitives.ReadUInt64LittleEndian(ancestor), BinaryPrimitives.ReadInt64LittleEndian(ancestor[8..]));
        }

        var (reserved, next) = (BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]));
        return reserved >= 0 && next >= 0 ? new HistoryState(new EpochChain(BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), ancestors), reserved, next) : null;
    }
}
