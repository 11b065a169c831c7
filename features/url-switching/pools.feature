@balancer @needs-HTTP
Feature: A URL switch gives requests to servers

  Scenario: PRISM-URL-11 a server dies while clients are connected
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3
    And server s2 is dead after 100 ms
    When client 1 connects, and gets "GET /a/10" 400 ms later
    And client 2 connects, and gets "GET /a/10" 500 ms later
    And client 3 connects, and gets "GET /a/10" 600 ms later
    And client 4 connects, and gets "POST /a/10 with 10 octets" 700 ms later
    And client 5 connects, and gets "POST /a/10 with 10 octets" 800 ms later
    And client 6 connects, and gets "POST /a/10 with 10 octets" 900 ms later
    Then each request is answered by its pool, in order
    And nobody is answered by s2

  Scenario: PRISM-URL-12 URLs are asked for twice, by two clients
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by URL hash
    When client 1 gets "24 times GET /a/10/#"
    And client 2 gets "24 times GET /a/10/#" after 500 ms
    Then each request is answered by its pool, in order
    And each URL has one server, and queries count as declared
    And the server of each URL is the declared one

  Scenario: PRISM-URL-12 URLs have queries
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by URL hash
    When client 1 gets "24 times GET /a/10?x=#"
    And client 2 gets "24 times GET /a/10?x=#" after 500 ms
    Then each request is answered by its pool, in order
    And each URL has one server, and queries count as declared
    And the server of each URL is the declared one

  Scenario: PRISM-URL-14 each of three requests at once has its own pool
    Given the service 10.1.0.201:80 by HTTP to s4
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    When client 1 gets "GET /static/10?think=300, GET /a/10.php?think=100, GET /b/10"
    And client 2 gets "GET /b/3000, GET /a/3000/x.php, GET /static/3000, POST /a/10.php with 300 octets, GET /b/2"
    Then client 1 is answered by s1, s2, s4
    And client 2 is answered by s4, s2, s1, s2, s4

  Scenario: PRISM-URL-14 requests that follow answers have their own pools
    Given the service 10.1.0.201:80 by HTTP to s4
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    When client 1 gets "GET /static/10"
    And client 1 then gets "GET /a/3000/x.php"
    And client 1 then gets "GET /b/10" after 300 ms
    Then client 1 is answered by s1, s2, s4

  Scenario: PRISM-URL-14 all requests of a connection have the pool of the first
    Given the service 10.1.0.201:80 by HTTP to s4, one pool for a connection
    And requests beginning with /static/ go to s1
    And requests ending in .php go to s2
    When client 1 gets "GET /static/10?think=300, GET /a/10.php?think=100, GET /b/10"
    And client 2 gets "GET /b/3000, GET /a/3000/x.php, GET /static/3000"
    And client 3 gets "GET /a/10.php"
    And client 3 then gets "GET /static/10" after 300 ms
    Then client 1 is answered by s1, s1, s1
    And client 2 is answered by s4, s4, s4
    And client 3 is answered by s2, s2

  Scenario Outline: PRISM-URL-15 answers of <size> octets of several servers on one connection
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3
    When client 1 gets "GET /a/<size>"
    And client 1 then gets "POST /b/<size> with 3000 octets"
    And client 1 then gets "GET /c/<size>, GET /d/<size>" after 100 ms
    Then each request is answered by its pool, in order
    And client 1 sees one connection from its SYN on

    Examples:
      | size  |
      | 10    |
      | 3000  |
      | 20001 |
