using System.Collections.Concurrent;

namespace KestrelWebSocketPeer;

/// <summary>Knows who listens to what.</summary>
internal sealed class Broadcaster
{
    private readonly ConcurrentDictionary<string, Audience> _audiences = new();

    public Audience this[string topic] => _audiences.GetOrAdd(topic, static name => new Audience(name));

    public void Publish(string topic, string contentType, string payload)
    {
        if (_audiences.TryGetValue(topic, out var audience))
        {
            audience.Send(contentType, payload);
        }
    }
}
