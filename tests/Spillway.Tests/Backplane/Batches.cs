using System.Buffers;
using System.Text;
using Spillway.Backplane;
using Spillway.Events;

namespace Spillway.Tests.Backplane;

/// <summary>Makes batches for tests.</summary>
internal static class Batches
{
    public static EventBatch Of(params PushEvent[] events) => Of("", EventFlags.None, events);

    public static EventBatch Ephemeral(params PushEvent[] events) => Of("", EventFlags.Ephemeral, events);

    public static EventBatch Of(string publisher, EventFlags extraFlags, params PushEvent[] events)
    {
        var records = new ArrayBufferWriter<byte>();
        foreach (var source in events)
        {
            EventRecordWriter.Write(source, extraFlags, records);
        }

        return new EventBatch(records, events.Length, publisher);
    }

    public static EventBatch EndOf(string topic) => Of("", EventFlags.Marker, new PushEvent { Topic = topic, Final = true });

    public static PushEvent Event(string topic, string payload = "", string? id = null, bool final = false, string? traceParent = null, params string[] alternates) => new()
    {
        Topic = topic,
        Alternates = alternates,
        Payload = Encoding.UTF8.GetBytes(payload),
        Id = id,
        Final = final,
        TraceParent = traceParent,
    };
}
