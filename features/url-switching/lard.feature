@balancer @needs-HTTP @needs-LARD
Feature: A URL switch gives targets to who has served them

  Scenario: PRISM-LARD-01 new targets go to who has least to do, and stay there
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by LARD of 2 and 4
    When from 0 ms on 1 clients get "GET /a/10?think=4000", 50 ms apart
    And from 100 ms on 1 clients get "GET /b/10?think=500", 50 ms apart
    And from 200 ms on 1 clients get "GET /c/10?think=4000", 50 ms apart
    And from 2000 ms on 1 clients get "GET /d/10?think=2000", 50 ms apart
    And from 2100 ms on 2 clients get "GET /c/10?think=4000", 50 ms apart
    And from 2200 ms on 1 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 1, 2, 3 have servers of their own
    And clients 2, 4 have one server
    And clients 3, 5, 6 have one server
    And clients 1, 7 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-02 a server at the upper threshold keeps a target
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD of 2 and 4
    When from 0 ms on 5 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 1, 2, 3, 4, 5 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-02 a server above the upper threshold gives a target to an idle one
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD of 2 and 4
    When from 0 ms on 7 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 1, 2, 3, 4, 5 have one server
    And clients 5, 6 have servers of their own
    And clients 6, 7 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-02 no other server is below the lower threshold
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD of 2 and 4
    When from 0 ms on 2 clients get "GET /b/10?think=4000", 50 ms apart
    And from 200 ms on 2 clients get "GET /c/10?think=4000", 50 ms apart
    And from 400 ms on 2 clients get "GET /d/10?think=4000", 50 ms apart
    And from 600 ms on 6 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 1, 3, 5, 7 have servers of their own
    And clients 7, 8, 9, 10, 11, 12 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-02 one other server is below the lower threshold
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD of 2 and 4
    When from 0 ms on 2 clients get "GET /b/10?think=4000", 50 ms apart
    And from 200 ms on 2 clients get "GET /c/10?think=4000", 50 ms apart
    And from 400 ms on 1 clients get "GET /d/10?think=4000", 50 ms apart
    And from 600 ms on 6 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 6, 7, 8, 9, 10 have one server
    And clients 5, 11 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-02 a server has twice the upper threshold
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD of 1 and 4
    When from 0 ms on 1 clients get "GET /b/10?think=4000", 50 ms apart
    And from 100 ms on 1 clients get "GET /c/10?think=4000", 50 ms apart
    And from 200 ms on 1 clients get "GET /d/10?think=4000", 50 ms apart
    And from 300 ms on 9 clients get "GET /a/10?think=4000", 50 ms apart
    Then clients 4, 5, 6, 7, 8, 9, 10, 11 have one server
    And clients 11, 12 have servers of their own
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-03 a target gets a second server, and loses one of them in time
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, s4, chosen by LARD with replication of 2 and 4 for 6000 ms
    When from 0 ms on 7 clients get "GET /a/10?think=3000", 50 ms apart
    And from 4500 ms on 2 clients get "GET /a/10?think=3000", 50 ms apart
    And from 12000 ms on 1 clients get "GET /a/10?think=3000", 50 ms apart
    And from 17000 ms on 2 clients get "GET /a/10?think=3000", 50 ms apart
    Then clients 1, 2, 3, 4, 5 have one server
    And clients 5, 6 have servers of their own
    And clients 6, 7 have one server
    And clients 8, 9 have servers of their own
    And clients 11, 12 have one server
    And each choice is one that LARD makes

  Scenario: PRISM-LARD-04 more come at once than are admitted
    Given the service 10.1.0.201:80 by HTTP to s1, s2, s3, chosen by LARD of 2 and 4
    When from 0 ms on 15 clients get "GET /a/10/#?think=2000", 20 ms apart
    Then no more are active at once than LARD admits
    And each client has an answer of a server, or status 503

  Scenario: PRISM-LARD-05 targets that nobody has asked for in long are forgotten
    Given the service 10.1.0.201:80 by HTTP to s1, s2, chosen by LARD of 2 and 4
    When from 0 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 50 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    And from 1000 ms on a client gets as many others as targets are remembered
    And from 8000 ms on 1 clients get "GET /y/10?think=2000", 50 ms apart
    And from 8200 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 9200 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    Then clients 1, 2 have servers of their own
    And clients 5, 6 have one server
    And clients 4, 5 have servers of their own

  Scenario: PRISM-LARD-05 a target that is asked for again is not forgotten
    Given the service 10.1.0.201:80 by HTTP to s1, s2, chosen by LARD of 2 and 4
    When from 0 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 50 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    And from 1000 ms on a client gets half as many others as targets are remembered
    And from 6000 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    And from 6050 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 7000 ms on a client gets half as many others as targets are remembered
    And from 12000 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    And from 12050 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    Then clients 1, 2 have servers of their own
    And clients 1, 5, 8 have one server
    And clients 2, 4, 7 have one server

  @needs-CHECK
  Scenario: PRISM-LARD-06 servers die and come back
    Given the service 10.1.0.201:80 by HTTP to s1, s2, chosen by LARD of 2 and 4, probed
    And server s1 is dead after 2000 ms
    And server s1 is up after 3500 ms
    And server s2 is dead after 5000 ms
    And server s2 is up after 6500 ms
    When from 1000 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 1050 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    And from 8000 ms on 1 clients get "GET /y/10?think=2000", 50 ms apart
    And from 8200 ms on 1 clients get "GET /a/10?think=300", 50 ms apart
    And from 9200 ms on 1 clients get "GET /b/10?think=300", 50 ms apart
    Then clients 1, 2 have servers of their own
    And clients 4, 5 have one server
    And clients 3, 4 have servers of their own
