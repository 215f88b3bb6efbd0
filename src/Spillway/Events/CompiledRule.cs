namespace Spillway.Events;

/// <summary>A rule in the list, with its pattern read and the index by which slots name it.</summary>
internal readonly record struct CompiledRule(TopicRule Rule, TopicPattern Pattern, byte Index);
