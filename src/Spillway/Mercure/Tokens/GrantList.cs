using System.Text;
using Spillway.Events;

namespace Spillway.Mercure.Tokens;

/// <summary>Gathers the entries of one grant.</summary>
internal sealed class GrantList
{
    private readonly List<byte[]> _topics = [];
    private readonly List<TopicMatcher> _patterns = [];
    private bool _allowsAll;

    public void AddEverything() => _allowsAll = true;

    public void AddTopic(string topic) => _topics.Add(Encoding.UTF8.GetBytes(topic));

    public void AddPattern(TopicMatcher pattern) => _patterns.Add(pattern);

    public MercureGrant ToGrant(string? payload) => new(_allowsAll, _topics, _patterns, payload);
}
