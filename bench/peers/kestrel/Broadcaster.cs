using System.Collections.Concurrent;
using System.Threading.Channels;

namespace KestrelPeer;

/// <summary>Knows who listens to what.</summary>
internal sealed class Broadcaster
{
    private readonly ConcurrentDictionary<string, Audience> _audiences = new();

    public ChannelReader<byte[]> Subscribe(string channel) => _audiences.GetOrAdd(channel, _ => new Audience()).Add();

    public void Unsubscribe(string channel, ChannelReader<byte[]> events)
    {
        if (_audiences.TryGetValue(channel, out var audience))
        {
            audience.Remove(events);
        }
    }

    public void Publish(string channel, string payload)
    {
        if (_audiences.TryGetValue(channel, out var audience))
        {
            audience.Send(payload);
        }
    }
}
