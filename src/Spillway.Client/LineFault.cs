namespace Spillway.Client;

/// <summary>A line of a stream that the hub refused.</summary>
/// <param name="Line">The line's number, from 1.</param>
/// <param name="Status">The HTTP status that a request with this event alone would get.</param>
/// <param name="Title">The kind of fault.</param>
/// <param name="Detail">What happened, with which value, and what to do.</param>
/// <param name="Field">The field at fault; empty if it is none in particular.</param>
public sealed record LineFault(long Line, int Status, string Title, string Detail, string Field);
