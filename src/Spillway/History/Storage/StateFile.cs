using System.Buffers.Binary;

namespace Spillway.History.Storage;

/// <summary>The file <c>state</c> of a history directory: written in turns into two places and synced, so that a torn write leaves the one before.</summary>
/// <remarks>
/// <code>
///  0  8 bytes  "SPWSTATE"
///  8  u32      version, 1
/// 12  u32      CRC-32C of these 64 bytes with this field 0
/// 16  u64      number of the write; the highest that passes its checksum counts
/// 24  u64      epoch
/// 32  i64      offsets up to this one may have been used
/// 40  i64      after a clean stop: the next offset; else 0
/// 48  zero to 64
/// </code>
/// The second place begins at byte 512. Little-endian.
/// </remarks>
internal sealed class StateFile : IDisposable
{
    private const string FileName = "state";
    private const string NextName = "state.next"; // In its place, once whole.
    private const int Length = 64;
    private const int Distance = 512; // A sector each: one torn write never touches both.
    private const uint Version = 1;
    private const int ChecksumAt = 12;

    private readonly IDisk _disk;
    private IDiskFile _file;
    private ulong _number;
    private bool _failed; // Never written nor synced again.

    private StateFile(IDisk disk, IDiskFile file)
    {
        (_disk, _file) = (disk, file);
    }

    /// <summary>What was written last; null if nothing was, or nothing that passes its checksum.</summary>
    public HistoryState? Last { get; private set; }

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
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        Magic.CopyTo(bytes);
        _number++;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], _number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], state.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], state.Reserved);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], state.Next);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], RecordChecksum.Compute(bytes, 0));
        try
        {
            Write(bytes);
        }
        catch (IOException)
        {
            _failed = true;
            throw;
        }

        Last = state;
    }

    public void Dispose() => _file.Dispose();

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var at = (long)(_number & 1) * Distance;
        if (!_failed)
        {
            _file.Write(at, bytes);
            _file.Sync();
            return;
        }

        if (_disk.List().Contains(NextName, StringComparer.Ordinal))
        {
            _disk.Delete(NextName);
        }

        var next = _disk.Create(NextName);
        try
        {
            next.Write(at, bytes);
            next.Sync();
            _disk.Rename(NextName, FileName);
            _disk.SyncDirectory();
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file.Dispose();
        (_file, _failed) = (next, false);
    }

    private void Read()
    {
        Span<byte> bytes = stackalloc byte[Length];
        for (var place = 0; place < 2; place++)
        {
            if (_file.Read(place * Distance, bytes) == Length && TryRead(bytes, out var number, out var state) && number > _number)
            {
                (_number, Last) = (number, state);
            }
        }
    }

    private static bool TryRead(Span<byte> bytes, out ulong number, out HistoryState state)
    {
        number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        state = new HistoryState(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]);
        bytes.Slice(ChecksumAt, 4).Clear();
        if (!bytes.StartsWith(Magic) || checksum != RecordChecksum.Compute(bytes, 0))
        {
            return false;
        }

        FormatVersion.Check(BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), Version);
        return state.Reserved >= 0 && state.Next >= 0;
    }
}
