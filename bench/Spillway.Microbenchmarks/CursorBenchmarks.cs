using System.Buffers;
using BenchmarkDotNet.Attributes;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.Transports.Sse;

namespace Spillway.Microbenchmarks;

/// <summary>The id of an event, which is made once for each wire format that is in use, and of another place; plain and sealed. And the whole event around it.</summary>
[MemoryDiagnoser]
public class CursorBenchmarks
{
    private const ulong Epoch = 0xAB_CDEF_0123;

    private readonly byte[] _into = new byte[CursorCodec.MaxLength];
    private readonly ArrayBufferWriter<byte> _output = new(4 * 1024);
    private CursorCodec _cursors = null!;
    private SseRawEncoder _encoder = null!;
    private byte[] _record = [];
    private string _text = "";

    [Params(false, true)]
    public bool Sealed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _cursors = Sealed ? new SealedCursors(CursorKeyFile.Make()) : new PlainCursors();
        _encoder = new SseRawEncoder(_cursors);
        var output = new ArrayBufferWriter<byte>();
        EventRecordWriter.Write(new PushEvent { Topic = "sites/north/sensors/17", Type = "reading", Payload = """{"sensor":17,"celsius":21.5,"site":"north","at":"2026-01-31T08:00:00Z","state":"ok"}"""u8.ToArray() }, default, output);
        _record = output.WrittenSpan.ToArray();
        EventRecordWriter.Stamp(_record, offset: 123_456_789, time: 1_700_000_000_123, ephemeralNumber: 0);
        _text = _cursors.TextOf(new Position(Epoch, 123_456_789));
    }

    [Benchmark]
    public int Id() => _cursors.FormatEvent(new EventRecord(_record), Epoch, _into);

    [Benchmark]
    public int Place() => _cursors.FormatPlace(new Position(Epoch, 123_456_789), _into);

    [Benchmark]
    public long Read() => _cursors.Read(_text).Offset;

    [Benchmark]
    public int Event()
    {
        _output.ResetWrittenCount();
        _encoder.WriteEvent(new EventRecord(_record), Epoch, _output);
        return _output.WrittenCount;
    }
}
