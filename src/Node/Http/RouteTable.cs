namespace Failover.Node.Http;

/// <summary>Answers a request.</summary>
/// <param name="name">The path's last segment, where the place takes one; otherwise empty.</param>
internal delegate Task RouteAnswer(Exchange context, string name);

/// <summary>
/// What the front answers, by path and method. A few dozen fixed paths need no routing framework, which every node
/// would have to load. Paths are compared without regard to case, and a slash at their end means nothing.
/// </summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, Place> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="path">One that ends in a slash takes a name as its last segment; another is taken as it is.</param>
    public void Add(string method, string path, RouteAnswer answer)
    {
        if (!_places.TryGetValue(path, out var place))
            _places[path] = place = new Place(path);
        place.Add(method, answer);
    }

    public void Add(string method, string path, Func<Exchange, Task> answer) => Add(method, path, (c, _) => answer(c));

    /// <returns>Null when there is nothing at that path.</returns>
    public Place? Find(string path, out string name)
    {
        name = "";
        if (path.EndsWith("//", StringComparison.Ordinal))
            return null;
        var text = path.Length > 1 && path[^1] == '/' ? path[..^1] : path;
        if (_places.TryGetValue(text, out var place))
            return place;
        var segment = text.LastIndexOf('/') + 1;
        // The root is a place of its own, and takes no name.
        if (segment < 2 || !_places.TryGetValue(text[..segment], out place))
            return null;
        name = text[segment..];
        return place;
    }

    /// <summary>A path and its methods.</summary>
    internal sealed class Place(string path)
    {
        private readonly List<(string Method, RouteAnswer Answer)> _answers = [];

        public string Path => path;

        /// <summary>Its methods, as a 405 says them.</summary>
        public string Allow => string.Join(", ", _answers.Select(a => a.Method));

        public void Add(string method, RouteAnswer answer) => _answers.Add((method, answer));

        public RouteAnswer? AnswerTo(string method)
        {
            foreach (var (known, answer) in _answers)
            {
                if (HttpMethods.Equals(known, method))
                    return answer;
            }
            return null;
        }
    }
}
