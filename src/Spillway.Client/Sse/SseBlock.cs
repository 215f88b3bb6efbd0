namespace Spillway.Client.Sse;

/// <summary>What one block of a stream dispatched.</summary>
/// <param name="Type">The event's type; <c>message</c> if the block named none.</param>
/// <param name="Id">The last id of the stream, from this block or an earlier one.</param>
/// <param name="HasId">Whether this block named the id.</param>
/// <param name="Data">The lines of data, joined by LF; valid until the parser reads on.</param>
/// <param name="HasData">Without it the block moves the id and is no event.</param>
/// <param name="Oversized">Something of the block was longer than the limit and is missing; <paramref name="Data"/> is empty.</param>
internal readonly record struct SseBlock(string Type, string Id, bool HasId, ReadOnlyMemory<byte> Data, bool HasData, bool Oversized);
