using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;

namespace KestrelWebSocketPeer;

/// <summary>The subscribers of one topic, each with a bounded queue of its own. A full queue loses its oldest event.</summary>
internal sealed class Audience(string topic)
{
    private const int QueueLength = 256;

    private static readonly BoundedChannelOptions QueueOptions = new(QueueLength)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
        SingleReader = true,
    };

    private readonly Lock _lock = new();
    private readonly HashSet<Channel<byte[]>> _queues = [];
    private long _lastId;

    public Channel<byte[]> Add()
    {
        var queue = Channel.CreateBounded<byte[]>(QueueOptions);
        lock (_lock)
        {
            _queues.Add(queue);
        }

        return queue;
    }

    public void Remove(Channel<byte[]> queue)
    {
        lock (_lock)
        {
            _queues.Remove(queue);
        }
    }

    public void Send(string contentType, string payload)
    {
        lock (_lock) // Every queue gets the events in the order of their ids.
        {
            var id = (++_lastId).ToString(CultureInfo.InvariantCulture);
            var envelope = new Envelope(id, topic, TimeProvider.System.GetUtcNow(), contentType, payload);
            var encoded = JsonSerializer.SerializeToUtf8Bytes(envelope, EnvelopeJson.Default.Envelope);
            foreach (var queue in _queues)
            {
                queue.Writer.TryWrite(encoded);
            }
        }
    }
}
