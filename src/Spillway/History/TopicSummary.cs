namespace Spillway.History;

/// <summary>What history knows of one topic.</summary>
/// <param name="Topic">The name.</param>
/// <param name="Events">Events still kept, markers not counted, alternates included.</param>
/// <param name="LastTime">Time of the newest record, milliseconds since 1970.</param>
/// <param name="Ended">Whether the topic has ended.</param>
internal sealed record TopicSummary(string Topic, long Events, long LastTime, bool Ended);
