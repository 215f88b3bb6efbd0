using System.Buffers;
using BenchmarkDotNet.Attributes;
using Spillway.Events;

namespace Spillway.Microbenchmarks;

/// <summary>An event's record: written once when it is published, read whenever it is dispatched, encoded or filtered.</summary>
[MemoryDiagnoser]
public class EventRecordBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(32 * 1024);
    private PushEvent _event = null!;
    private byte[] _record = [];

    [Params(100, 10_000)]
    public int PayloadBytes { get; set; }

    /// <summary>Alone: topic and payload. Otherwise every field there is.</summary>
    [Params(false, true)]
    public bool AllFields { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var payload = new byte[PayloadBytes];
        payload.AsSpan().Fill((byte)'x');
        _event = AllFields
            ? new PushEvent
            {
                Topic = "sites/north/sensors/17/temperature",
                Alternates = ["sensors/17", "alerts/temperature"],
                Type = "reading",
                ContentType = "application/json",
                Key = "17",
                Id = "c0ffee-000017",
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                Ttl = TimeSpan.FromMinutes(1),
                Payload = payload,
            }
            : new PushEvent { Topic = "sites/north/sensors/17/temperature", Payload = payload };
        Write();
        _record = _output.WrittenSpan.ToArray();
    }

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        EventRecordWriter.Write(_event, default, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int Read()
    {
        var record = new EventRecord(_record);
        return record.Topic.Length + record.Payload.Length;
    }

    /// <summary>What recovery does to every record before it trusts one.</summary>
    [Benchmark]
    public bool TryMeasure() => EventRecord.TryMeasure(_record, out _);
}
