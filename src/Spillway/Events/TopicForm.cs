namespace Spillway.Events;

/// <summary>A form into which topics are brought before they are compared, such as that of a URL. One object per form: matchers of the same form share it.</summary>
internal abstract class TopicForm
{
    /// <summary>The topic in this form; null where it has none, and then no matcher of this form matches it.</summary>
    public abstract byte[]? Of(ReadOnlySpan<byte> topic);
}
