using System.Buffers;
using BenchmarkDotNet.Attributes;
using Spillway.Events;
using Spillway.Transports.Sse;

namespace Spillway.Microbenchmarks;

/// <summary>An event in the bytes of SSE: done once per event and format, by the dispatcher, and again for every replayed page.</summary>
[MemoryDiagnoser]
public class SseEncoderBenchmarks
{
    private const ulong Epoch = 1_700_000_000_000;

    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly SseRawEncoder _raw = new();
    private readonly SseJsonEncoder _json = new();
    private byte[] _record = [];

    public enum PayloadKind
    {
        /// <summary>A small JSON object: most of what is published.</summary>
        Json,

        /// <summary>100 lines of 100 characters.</summary>
        Lines,

        /// <summary>10,000 bytes that are not UTF-8.</summary>
        Binary,
    }

    [ParamsAllValues]
    public PayloadKind Payload { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var (contentType, payload) = Payload switch
        {
            PayloadKind.Json => ("application/json", """{"sensor":17,"celsius":21.5,"site":"north","at":"2026-01-31T08:00:00Z","state":"ok"}"""u8.ToArray()),
            PayloadKind.Lines => ("text/plain", Lines()),
            _ => ("application/octet-stream", Enumerable.Repeat((byte)0xFF, 10_000).ToArray()),
        };
        var source = new PushEvent { Topic = "sites/north/sensors/17", Type = "reading", ContentType = contentType, Payload = payload };
        var output = new ArrayBufferWriter<byte>();
        EventRecordWriter.Write(source, default, output);
        _record = output.WrittenSpan.ToArray();
        EventRecordWriter.Stamp(_record, offset: 123_456_789, time: 1_700_000_000_123, ephemeralNumber: 0);
    }

    [Benchmark(Baseline = true)]
    public int Raw()
    {
        _output.ResetWrittenCount();
        _raw.WriteEvent(new EventRecord(_record), Epoch, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public int Json()
    {
        _output.ResetWrittenCount();
        _json.WriteEvent(new EventRecord(_record), Epoch, _output);
        return _output.WrittenCount;
    }

    private static byte[] Lines()
    {
        var lines = new byte[10_000];
        lines.AsSpan().Fill((byte)'x');
        for (var end = 99; end < lines.Length; end += 100)
        {
            lines[end] = (byte)'\n';
        }

        return lines;
    }
}
