using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace KestrelPeer;

/// <summary>The subscribers of one name, each with a bounded queue of its own. A full queue loses its oldest event.</summary>
internal sealed class Audience
{
    private const int QueueLength = 256;

    private static readonly string[] LineBreaks = ["\r\n", "\n", "\r"];

    private static readonly BoundedChannelOptions QueueOptions = new(QueueLength)
    {
        FullMode = BoundedChannelFullMode.DropOldest,
        SingleReader = true,
    };

    private readonly Lock _lock = new();
    private readonly Dictionary<ChannelReader<byte[]>, ChannelWriter<byte[]>> _subscribers = [];
    private long _lastId;

    public ChannelReader<byte[]> Add()
    {
        var queue = Channel.CreateBounded<byte[]>(QueueOptions);
        lock (_lock)
        {
            _subscribers.Add(queue.Reader, queue.Writer);
        }

        return queue.Reader;
    }

    public void Remove(ChannelReader<byte[]> events)
    {
        lock (_lock)
        {
            _subscribers.Remove(events);
        }
    }

    public void Send(string payload)
    {
        lock (_lock) // Every queue gets the events in the order of their ids.
        {
            var encoded = Encode(++_lastId, payload);
            foreach (var queue in _subscribers.Values)
            {
                queue.TryWrite(encoded);
            }
        }
    }

    private static byte[] Encode(long id, string payload)
    {
        var block = new StringBuilder(payload.Length + 64);
        block.Append(CultureInfo.InvariantCulture, $"id: {id}\n");
        foreach (var line in payload.Split(LineBreaks, StringSplitOptions.None))
        {
            block.Append("data: ").Append(line).Append('\n');
        }

        return Encoding.UTF8.GetBytes(block.Append('\n').ToString());
    }
}
