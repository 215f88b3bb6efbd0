using System.Diagnostics.CodeAnalysis;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>The subscribed patterns by their segments. Under the dispatcher's lock.</summary>
internal sealed class PatternTrie
{
    /// <summary>Links of patterns that an event may have; beyond, the overflow strand stands for the rest.</summary>
    public const int MaxMatches = 32;

    /// <summary>Nodes that one match may look at. Patterns made to branch reach it; their topics go to the overflow strand.</summary>
    public const int MaxSteps = 512;

    private readonly Node _root = new();
    private readonly Dictionary<int, (Node Node, TopicPattern Pattern)> _patterns = [];
    private readonly List<int> _found = new(MaxMatches);
    private int _steps;

    /// <summary>Changes whenever a pattern comes or goes: what was matched before may be wrong.</summary>
    public int Version { get; private set; }

    public int Count => _patterns.Count;

    public void Add(TopicPattern pattern, int strand)
    {
        var node = _root;
        for (var i = 0; i < pattern.SegmentCount; i++)
        {
            node = node.GetOrAdd(pattern.Segment(i));
        }

        if (pattern.OpenEnded)
        {
            node.OpenStrand = strand;
        }
        else
        {
            node.ExactStrand = strand;
        }

        _patterns.Add(strand, (node, pattern));
        Version++;
    }

    public void Remove(int strand)
    {
        if (!_patterns.Remove(strand, out var entry))
        {
            return;
        }

        if (entry.Pattern.OpenEnded)
        {
            entry.Node.OpenStrand = 0;
        }
        else
        {
            entry.Node.ExactStrand = 0;
        }

        entry.Node.Prune();
        Version++;
    }

    public PatternMatches Match(ReadOnlySpan<byte> topic)
    {
        if (_patterns.Count == 0)
        {
            return PatternMatches.None;
        }

        _found.Clear();
        _steps = 0;
        var whole = Walk(_root, topic, ended: false);
        return _found.Count == 0 && whole ? PatternMatches.None : new PatternMatches([.. _found], !whole);
    }

    /// <summary>False if a bound was reached.</summary>
    private bool Walk(Node node, ReadOnlySpan<byte> rest, bool ended)
    {
        if (++_steps > MaxSteps || (node.OpenStrand != 0 && !Found(node.OpenStrand)))
        {
            return false;
        }

        if (ended)
        {
            return node.ExactStrand == 0 || Found(node.ExactStrand);
        }

        var slash = rest.IndexOf((byte)'/');
        var segment = slash < 0 ? rest : rest[..slash];
        var next = slash < 0 ? default : rest[(slash + 1)..];
        return (!node.TryGetLiteral(segment, out var literal) || Walk(literal, next, slash < 0))
            && (node.Star is null || segment.IsEmpty || Walk(node.Star, next, slash < 0));
    }

    private bool Found(int strand)
    {
        if (_found.Count == MaxMatches)
        {
            return false;
        }

        _found.Add(strand);
        return true;
    }

    private sealed class Node
    {
        private Dictionary<byte[], Node>? _literals;
        private Node? _parent;
        private byte[] _segment = [];

        public Node? Star { get; private set; }

        public int ExactStrand { get; set; }

        public int OpenStrand { get; set; }

        public bool TryGetLiteral(ReadOnlySpan<byte> segment, [MaybeNullWhen(false)] out Node node)
        {
            node = null;
            return _literals is not null && _literals.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(segment, out node);
        }

        public Node GetOrAdd(byte[] segment)
        {
            if (segment.AsSpan().SequenceEqual("*"u8))
            {
                return Star ??= new Node { _parent = this, _segment = segment };
            }

            _literals ??= new Dictionary<byte[], Node>(Utf8Comparer.Instance);
            if (!_literals.TryGetValue(segment, out var node))
            {
                node = new Node { _parent = this, _segment = segment };
                _literals.Add(segment, node);
            }

            return node;
        }

        /// <summary>Takes empty nodes out, up to the first that is needed.</summary>
        public void Prune()
        {
            for (var node = this; node._parent is { } parent && node.IsEmpty; node = parent)
            {
                if (ReferenceEquals(parent.Star, node))
                {
                    parent.Star = null;
                }
                else
                {
                    parent._literals!.Remove(node._segment);
                }
            }
        }

        private bool IsEmpty => ExactStrand == 0 && OpenStrand == 0 && Star is null && (_literals is null || _literals.Count == 0);
    }
}
